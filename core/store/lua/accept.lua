-- Thread slot. Claim an event and make it durable; when this has run, the platform may be told.
-- Home path: if the thread goes to the live leg `guess`, nothing waits before it and its newest reply
-- offers no buttons, the message is appended to that leg's log at once. Else the event is queued in the thread's inbound lane, which
-- is leased to the caller (hand-over) if it was idle and lease > 0. A caller who expects the home
-- path leaves the event out, and is asked for it if need be: also if the message is not a new one.
-- keys: thread, seen 1-3, lane, ready, [leg, log, refs, inbox open, inbox pending, inbox spam,
--   events, [fetch lane, its ready set: the message has attachments to be fetched]]
-- -> {0} known | {1, position} in the log | {2, seq, token | false} queued
--    | {3} nothing was done: the event is needed
function ops.accept(k, ref, dedup, author, event, message, remotes, guess, lease, context,
    title)
  local thread, seen, lane, ready = k[1], {k[2], k[3], k[4]}, k[5], k[6]
  if known(seen, dedup) then return {0} end
  local head, bound = k[7], nil
  if head and call('HGET', thread, 'b:' .. author) == guess and call('EXISTS', lane) == 0 then
    bound = call('HMGET', head, 'status', 'sealed', 'ungathered', 'offer', 'spam')
  end
  local offered = bound and bound[4] and bound[4] ~= '' -- the message may be a choice
  local home = bound and bound[1] and not (bound[2] or bound[3] or offered)
  local after = home and AFTER_CUSTOMER[bound[1]]
  if not after then
    if event == '' then return {3} end
    local seq = call('HINCRBY', thread, 'seq', 1)
    local token = push(ready, lane, ref, seq .. ':' .. event, seq, lease)
    claim(seen, dedup, 1)
    return {2, seq, token}
  end
  local position = append(k[8], k[9], message, remotes)
  if not position then return {3} end
  if author ~= '' then place(seen, remotes, guess) end
  call('HSET', head, 'touched_at', now, 'context', context)
  if title ~= '' then call('HSET', head, 'title', title) end
  set_status(head, {open = k[10], pending = k[11], spam = k[12]}, guess, bound[1], after, bound[5])
  publish(k[13], 'in', guess, position)
  if k[14] then want_bytes(thread, k[14], k[15], ref, guess, position) end
  claim(seen, dedup, 1)
  return {1, position}
end
