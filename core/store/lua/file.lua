-- Thread slot, under the inbound lane's token. Bind the thread to a leg (making it if `begin` is
-- given, and sealing the one before), append a run of messages to it, each once, and acknowledge.
-- `expect` is the leg the decision was made on; if the thread has moved on, nothing is written.
-- keys: thread, lane, ready, leg, log, refs, inbox open, inbox pending, events, [previous leg]
-- begin: false | {field, value, ...} of the new leg's head
-- run: {seq, message, {remote, ...}, ...}
-- upto: acknowledge the lane up to this seq; 0 = not yet
-- -> -1 stale | {0} decide again | {1, last position, {waiting entry, ...}}
function ops.file(k, ref, token, author, leg, expect, begin, run, context, upto, depth)
  local thread, lane, ready, head, log, refs = k[1], k[2], k[3], k[4], k[5], k[6]
  local inboxes = {open = k[7], pending = k[8]}
  if not holds(ready, ref, token) then return -1 end
  local bound = call('HGET', thread, 'b:' .. author) or ''
  local filed, last = tonumber(call('HGET', thread, 'filed') or 0), run[#run - 2]
  if begin and (bound == leg or last <= filed) then return {0} end -- this has been filed already
  if begin then
    if bound ~= expect then return {0} end
    call('HSET', head, 'id', leg, 'conversation', leg, 'created_at', now, 'status', 'new',
      'status_at', now, unpack(begin))
    call('HSET', thread, 'b:' .. author, leg)
    if bound ~= '' then call('HSET', k[10], 'sealed', 1, 'next', leg) end
    publish(k[9], 'begun', leg, 0)
  elseif bound ~= leg then
    return {0}
  end
  local state = call('HMGET', head, 'status', 'sealed')
  local after = AFTER_CUSTOMER[state[1]]
  if state[2] or not after then return {0} end
  local position = 0
  for i = 1, #run, 3 do
    if run[i] > filed then
      position = append(log, refs, run[i + 1], run[i + 2])
      filed = run[i]
      publish(k[9], 'in', leg, position)
    end
  end
  call('HSET', thread, 'filed', filed)
  call('HSET', head, 'touched_at', now, 'context', context)
  set_status(head, inboxes, leg, state[1], after)
  if upto == 0 then return {1, position, {}} end
  drop(lane, upto)
  return {1, position, proceed(ready, lane, ref, depth)}
end
