-- Account slot: the platform wants nothing on this budget for so many ms. Those whose turn was
-- booked before its end find that out when it comes.
-- keys: budgets, limit
function ops.withhold(k, name, cost, advance_ms, wait)
  local given, left = turns_of(k[2])
  local until_then = math.max(left, now + wait + advance_ms)
  list_used(k[1], {[name] = set_turns(k[2], given, until_then, cost, advance_ms)})
  return 1
end
