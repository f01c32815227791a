-- `idle` is the seq of the last event that had been queued when the lane was seen empty. Where none has
-- been since, it is so still: nothing is put into the lane without a seq of its own.
local function is_idle(thread, lane, seq, idle)
  if seq == idle then return true end
  if call('EXISTS', lane) == 1 then return false end
  call('HSET', thread, 'idle', seq)
  return true
end

-- Thread slot. Claim an event and make it durable; when this has run, the platform may be told.
-- Home path: if the thread goes to the live leg `guess`, nothing waits before it and its newest reply
-- offers no buttons, the message is appended to that leg's log at once. Else the event is queued in
-- the thread's inbound lane, which is leased to the caller (hand-over) if it was idle and lease > 0.
-- A caller who expects the home path leaves the event out, and is asked for it if need be: also if
-- the message is not a new one.
-- keys: thread, seen 1-3, lane, ready, [leg, log, refs, inbox open, inbox pending, inbox spam,
--   events, [fetch lane, its ready set: the message has attachments to be fetched]]
-- -> {0} known | {1, position} in the log | {2, seq, token | false} queued
--    | {3} nothing was done: the event is needed
function ops.accept(k, ref, dedup, author, event, message, remotes, guess, lease, context,
    title)
  local thread, seen, lane, ready = k[1], {k[2], k[3], k[4]}, k[5], k[6]
  local head, bound = k[7], nil
  local at = call('HMGET', thread, 'b:' .. author, 'turn', 'seq', 'idle')
  if head and at[1] == guess and is_idle(thread, lane, at[3], at[4]) then
    bound = call('HMGET', head, 'status', 'sealed', 'ungathered', 'offer', 'spam', 'context')
  end
  local offered = bound and bound[4] and bound[4] ~= '' -- the message may be a choice
  local home = bound and bound[1] and not (bound[2] or bound[3] or offered)
  local after = home and AFTER_CUSTOMER[bound[1]]
  if not after then
    if event == '' then return {3} end
    if not claim_new(thread, at[2], seen, dedup) then return {0} end
    local seq = call('HINCRBY', thread, 'seq', '1')
    local token = push(ready, lane, ref, format('%d:', seq) .. event, seq, lease)
    return {2, seq, token}
  end
  if not claim_new(thread, at[2], seen, dedup) then return {0} end
  local position = append(k[8], k[9], message, remotes)
  if not position then
    unclaim()
    return {3}
  end
  if author ~= '' then place(seen, remotes, guess) end
  local fields = bound[6] == context and {} or {'context', context}
  if title ~= '' then fields[#fields + 1], fields[#fields + 2] = 'title', title end
  local inboxes = {open = k[10], pending = k[11], spam = k[12]}
  touch(head, inboxes, guess, bound[1], after, bound[5], fields)
  publish(k[13], 'in', guess, position)
  if k[14] then want_bytes(thread, k[14], k[15], ref, guess, position) end
  return {1, position}
end
