-- Thread slot, under the token of the thread's inbound lane, or of its outbound one for a change
-- that an agent made. Replace the message at a position, if it is still the one that the change was
-- made from, and index the platform's ids that it has now besides.
-- before: the mark of the message that it was
-- left: the platform's ids of each of its pieces from now on; {} = as before
-- shared: several legs share the thread
-- keys: ready, leg, log, refs, events, seen 1-3,
--   [thread, fetch lane, its ready set: it has further attachments to be fetched]
-- -> -1 stale | 0 look again | 1
function ops.amend(k, ref, token, leg, position, before, after, remotes, left, shared)
  if not holds(k[1], ref, token) then return -1 end
  local stored = call('LINDEX', k[3], position - 1) or ''
  local mark = mark_of(stored)
  if mark ~= before and mark ~= mark_of(after) then return 0 end
  if #left > 0 then
    local pieces = #left
    for piece, ids in ipairs(left) do call('HSET', k[4], 'p:' .. position .. ':' .. piece, ids) end
    while call('HDEL', k[4], 'p:' .. position .. ':' .. pieces + 1) == 1 do pieces = pieces + 1 end
  end
  if stored == after or mark ~= before then return 1 end
  call('LSET', k[3], position - 1, after)
  call('HSET', k[2], 'touched_at', now)
  call('HINCRBY', k[2], 'rev', 1)
  for _, remote in ipairs(remotes) do call('HSETNX', k[4], 'r:' .. remote, position) end
  if shared then place({k[6], k[7], k[8]}, remotes, leg) end
  publish(k[5], 'amended', leg, position)
  if k[9] then want_bytes(k[9], k[10], k[11], ref, leg, position) end
  return 1
end
