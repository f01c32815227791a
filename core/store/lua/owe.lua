-- Account slot: a call that was let through was more than one message. The others are drawn late.
-- draws: {name, ms that a call costs, ms that may be used in advance}, ...
-- keys: budgets, limit, ... in the order of draws
-- calls: how many others there were
function ops.owe(k, draws, calls)
  local whole = {}
  for i, draw in ipairs(draws) do
    local name, cost, advance_ms = unpack(draw)
    local given, left = turns_of(k[i + 1])
    local ms = calls * cost
    whole[name] = set_turns(k[i + 1], given + ms, left + ms, cost, advance_ms)
  end
  list_used(k[1], whole)
  return 1
end
