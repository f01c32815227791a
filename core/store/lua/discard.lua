-- Any slot: a dead letter is removed for good. keys: dead letters
-- -> 1 | 0 there is no such letter
function ops.discard(k, id) return call('XDEL', k[1], id) end
