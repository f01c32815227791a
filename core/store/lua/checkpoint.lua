-- Account slot: note how far an adapter has read. keys: checkpoints, and the hold of `token` if the
-- note is only good while that lasts
-- -> -1 the hold is not this token's
function ops.checkpoint(k, name, value, token)
  if token and call('GET', k[2]) ~= token then return -1 end
  return call('HSET', k[1], name, value)
end
