-- Account slot: the platform wants nothing on this budget for so many ms. Those whose turn was
-- booked before its end find that out when it comes.
-- keys: limit
function ops.withhold(k, advance_ms, wait)
  local given, left = turns_of(k[1])
  set_turns(k[1], given, math.max(left, now + wait + advance_ms))
  return 1
end
