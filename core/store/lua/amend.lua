-- Thread slot, under a lane's token. Replace the message at a position, if it is still the one that
-- the change was made from, and index the platform's ids that it has now besides.
-- keys: ready, leg, log, refs, events
-- -> -1 stale | 0 look again | 1
function ops.amend(k, ref, token, leg, position, before, after, remotes)
  if not holds(k[1], ref, token) then return -1 end
  local stored = call('LINDEX', k[3], position - 1)
  if stored == after then return 1 end
  if stored ~= before then return 0 end
  call('LSET', k[3], position - 1, after)
  call('HSET', k[2], 'touched_at', now)
  for _, remote in ipairs(remotes) do call('HSETNX', k[4], 'r:' .. remote, position) end
  publish(k[5], 'amended', leg, position)
  return 1
end
