-- draws: {name, ms that a call costs, ms that may be used in advance, whether a turn is booked}, ...
-- keys: budgets, limit, ... in the order of draws
-- -> {} let through | {ms to wait, which budget, whether a turn is booked there}
function ops.spend(k, draws, horizon)
  local given, left, whole = {}, {}, {}
  for i, draw in ipairs(draws) do
    local name, cost, advance_ms, booked = unpack(draw)
    given[i], left[i] = turns_of(k[i + 1])
    local opens = left[i] - advance_ms - now
    local turn = math.max(given[i], left[i]) - advance_ms - now
    if booked and opens > 0 and opens <= cost then return {math.ceil(opens), i, 1} end
    if (booked and opens or turn) > 0 then
      if turn > horizon then return {horizon, i, 0} end
      local after = math.max(given[i], left[i]) + cost
      whole[name] = set_turns(k[i + 1], after, left[i], cost, advance_ms)
      list_used(k[1], whole)
      return {math.ceil(turn), i, 1}
    end
  end
  for i, draw in ipairs(draws) do
    local name, cost, advance_ms, booked = unpack(draw)
    local after = booked and given[i] or given[i] + cost
    whole[name] = set_turns(k[i + 1], after, left[i] + cost, cost, advance_ms)
  end
  list_used(k[1], whole)
  return {}
end
