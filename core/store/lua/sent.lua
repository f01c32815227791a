-- Thread slot: what became of a send. The platform's ids are the truth whoever reports them, so
-- they are written down even by a holder that came too late; only the lane itself is fenced.
-- upto: acknowledge the lane up to this seq; 0 = more pieces of this message follow
-- keys: refs, sends, lane, ready, events
-- -> -1 stale | {waiting entry, ...}
function ops.sent(k, key, leg, token, position, state, remotes, pieces, reason, upto, depth)
  for _, remote in ipairs(remotes) do call('HSETNX', k[1], 'r:' .. remote, position) end
  if advance(k[2], position, state, pieces, reason) then publish(k[5], state, leg, position) end
  if not holds(k[4], key, token) then return -1 end
  if upto == 0 then return {} end
  drop(k[3], upto)
  return proceed(k[4], k[3], key, depth)
end
