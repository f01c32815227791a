-- Account slot: take, or keep for another term, what one process at a time may do. keys: hold
-- -> 0 this token has it | ms until the holder's term ends
function ops.hold(k, token, term)
  local holder = call('GET', k[1])
  if holder and holder ~= token then return math.max(1, call('PTTL', k[1])) end
  call('SET', k[1], token, 'PX', term)
  return 0
end
