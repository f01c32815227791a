-- Any slot: a dead letter is removed for good; of the last one nothing is left.
-- keys: dead letters
-- -> 1 | 0 there is no such letter
function ops.discard(k, id)
  local gone = call('XDEL', k[1], id)
  if gone == 1 and call('XLEN', k[1]) == 0 then call('DEL', k[1]) end
  return gone
end
