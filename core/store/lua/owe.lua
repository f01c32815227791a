-- Account slot: a call that was let through was more than one message. The others are drawn late.
-- keys: limit, ... in the order of costs
-- costs: ms of all the others, ...
function ops.owe(k, costs)
  for i, ms in ipairs(costs) do
    local given, left = turns_of(k[i])
    set_turns(k[i], given + ms, left + ms)
  end
  return 1
end
