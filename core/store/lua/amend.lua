-- Thread slot, under the inbound lane's token. Replace the message at a position, if it is still
-- the one that the change was made from.
-- keys: ready, leg, log, events
-- -> -1 stale | 0 look again | 1
function ops.amend(k, ref, token, leg, position, before, after)
  if not holds(k[1], ref, token) then return -1 end
  local stored = call('LINDEX', k[3], position - 1)
  if stored == after then return 1 end
  if stored ~= before then return 0 end
  call('LSET', k[3], position - 1, after)
  call('HSET', k[2], 'touched_at', now)
  publish(k[4], 'amended', leg, position)
  return 1
end
