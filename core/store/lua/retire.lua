-- Thread slot: a leg that is in the archive leaves, with its binding and its place in the views; and
-- its thread, if nothing but its counts is left of it. Only if the leg is byte for byte what was
-- archived, nothing waits in its thread, and it has been here for `rest` ms: whoever found it in the
-- archive, or had not found its thread's binding, is done with that (see thaw). Done twice, nothing
-- more.
-- bound: whom of the thread's authors it is for, '' in a private thread
-- keys: leg, log, refs, sends, thread, lanes in, out and fetch, events, sets in which it is listed ...
-- -> 1 it is gone | 0 not now
function ops.retire(k, leg, bound, frozen, rest)
  local own, thread = {k[1], k[2], k[3], k[4]}, k[5]
  local came = call('HMGET', k[1], 'created_at', 'thawed_at')
  if not came[1] then return 1 end
  if now - (came[2] or came[1]) < rest or call('EXISTS', k[6], k[7], k[8]) > 0 then return 0 end
  if digest(contents(own)) ~= frozen then return 0 end
  call('UNLINK', unpack(own))
  if call('HGET', thread, 'b:' .. bound) == leg then call('HDEL', thread, 'b:' .. bound) end
  local counts = 0
  local names = {'seq', 'idle', 'filed', 'out', 'fetch', 'turn', 'handed'}
  for _, count in ipairs(call('HMGET', thread, unpack(names))) do
    if count then counts = counts + 1 end
  end
  if call('HLEN', thread) == counts then call('DEL', thread) end
  for i = 10, #k do set_due(k[i], leg, false) end
  publish(k[9], 'archived', leg, 0)
  return 1
end
