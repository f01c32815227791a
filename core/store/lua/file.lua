-- Thread slot, under the inbound lane's token. Bind the thread to a leg (making it if `begin` is
-- given, and sealing the one before), append a run of messages to it, each once, and acknowledge.
-- `expect` is the leg the decision was made on; if the thread has moved on, nothing is written.
-- A message that is in the log already (see append) ends the run before it.
-- keys: thread, lane, ready, leg, log, refs, inbox open, inbox pending, inbox spam,
--   events, fetch lane, its ready set, [seen 1-3, where there is an author], [previous leg]
-- begin: false | {field, value, ...} of the new leg's head
-- run: {seq, message, {remote, ...}, ...}
-- fetch: {[seq] = true} of those in the run that have attachments to be fetched
-- kind: who wrote the run, 'in' a customer, 'out' one of us, 'activity' nobody: what begins a leg
--   from our side
-- aside: nothing follows from it: it may go to a leg that has ended, and changes no status
-- title: what the leg is called from now on, '' = as before
-- upto: acknowledge the lane up to this seq; 0 = not yet
-- -> -1 stale | {0} decide again | {1, {waiting entry, ...}}
--    | {2, last seq filed}: what follows it is known, nothing was acknowledged
function ops.file(k, ref, token, author, leg, expect, begin, run, context, fetch, kind, aside, upto,
    depth, title)
  local thread, lane, ready, head, log, refs = k[1], k[2], k[3], k[4], k[5], k[6]
  local inboxes = {open = k[7], pending = k[8], spam = k[9]}
  local seen = author ~= '' and {k[13], k[14], k[15]}
  local statuses = kind == 'out' and AFTER_AGENT or AFTER_CUSTOMER
  if not holds(ready, ref, token) then return -1 end
  local bound = call('HGET', thread, 'b:' .. author) or ''
  local filed, last = tonumber(call('HGET', thread, 'filed') or 0), run[#run - 2]
  if begin and (bound == leg or last <= filed) then return {0} end -- this has been filed already
  if begin then
    if bound ~= expect then return {0} end
    call('HSET', head, 'id', leg, 'conversation', leg, 'created_at', now, 'status_at', now,
      unpack(begin))
    call('HSET', thread, 'b:' .. author, leg)
    if bound ~= '' then seal(k[#k], leg) end
    publish(k[10], 'begun', leg, 0)
  elseif bound ~= leg then
    return {0}
  end
  local state = call('HMGET', head, 'status', 'sealed', 'spam')
  local after = statuses[state[1]]
  if aside then
    after = state[1]
  elseif state[2] or not after then
    return {0}
  end
  local before = filed
  for i = 1, #run, 3 do
    if run[i] > filed then
      local position = append(log, refs, run[i + 1], run[i + 2])
      if not position then
        upto = -1
        break
      end
      if seen then place(seen, run[i + 2], leg) end
      filed = run[i]
      publish(k[10], kind, leg, position)
      if fetch[filed] then want_bytes(thread, k[11], k[12], ref, leg, position) end
    end
  end
  if filed > before then
    call('HSET', thread, 'filed', filed)
    local fields = {'context', context}
    if aside then
      call('HSETNX', head, 'context', context) -- what we answer is a person
      fields = {}
    elseif title ~= '' then
      fields[3], fields[4] = 'title', title
    end
    touch(head, inboxes, leg, state[1], after, state[3], fields)
  end
  if upto < 0 then return {2, filed} end
  if upto == 0 then return {1, {}} end
  return {1, acknowledge(ready, lane, ref, upto, depth)}
end
