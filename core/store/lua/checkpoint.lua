-- Account slot: note how far an adapter has read. keys: checkpoints
function ops.checkpoint(k, name, value) return call('HSET', k[1], name, value) end
