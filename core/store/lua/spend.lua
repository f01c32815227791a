-- Account slot: draw one call on all its budgets, or book its turn in the first that is used up.
-- A budget is two moments. `left`: when all that was let through has been earned again; what passes
-- is held to it alone, so the rate holds however late a booked call comes. `given`: the same with
-- the turns that are booked ahead; it keeps apart those who wait. Only the budget that made a call
-- wait is booked ahead: a call that waits for its chat takes nothing from the other chats.
-- Run twice, it costs a turn. A key ends when it says nothing any more.
-- draws: {ms that a call costs, ms that may be used in advance, whether a turn is booked}, ...
-- keys: limit, ... in the order of draws
-- -> {} let through | {ms to wait, which budget, whether a turn is booked there}
function ops.spend(k, draws, horizon)
  local given, left = {}, {}
  for i, draw in ipairs(draws) do
    local cost, advance_ms, booked = unpack(draw)
    given[i], left[i] = turns_of(k[i])
    local opens = left[i] - advance_ms - now
    local turn = math.max(given[i], left[i]) - advance_ms - now
    if booked and opens > 0 and opens <= cost then return {math.ceil(opens), i, 1} end
    if (booked and opens or turn) > 0 then
      if turn > horizon then return {horizon, i, 0} end
      set_turns(k[i], math.max(given[i], left[i]) + cost, left[i])
      return {math.ceil(turn), i, 1}
    end
  end
  for i, draw in ipairs(draws) do
    local cost, _, booked = unpack(draw)
    set_turns(k[i], booked and given[i] or given[i] + cost, left[i] + cost)
  end
  return {}
end
