-- Thread slot: what became of a send. That the platform took it, and its ids, are the truth whoever
-- reports them, so they are written down even by a holder that came too late. That it failed, or may
-- have, is not: the next holder may be sending right now. The lane itself is fenced.
-- pieces: how many of the message's have been taken; the remotes are the last one's
-- upto: acknowledge the lane up to this seq; 0 = more pieces of this message follow
-- keys: refs, sends, lane, ready, events, [seen 1-3, where several legs share the thread]
-- gone: there is no such leg, nor is it archived
-- -> -1 stale | {waiting entry, ...} | {'missing'} it may be archived
function ops.sent(k, key, leg, token, position, state, remotes, pieces, reason, upto, depth,
    gone)
  local ours = holds(k[4], key, token)
  local send = not gone and send_of(k[2], position)
  if not gone and not send and call('EXISTS', k[2]) == 0 then return {'missing'} end
  if gone then remotes = {} end
  local at = format('%d', position)
  for _, remote in ipairs(remotes) do call('HSETNX', k[1], 'r:' .. remote, at) end
  if k[6] then place({k[6], k[7], k[8]}, remotes, leg) end
  if #remotes > 0 then
    call('HSETNX', k[1], format('p:%d:%d', position, pieces), table.concat(remotes, '\n'))
  end
  if (ours or state == 'sent') and advance(k[2], position, send, state, pieces, reason) then
    publish(k[5], state, leg, position)
  end
  if not ours then return -1 end
  if upto == 0 then return {} end
  return acknowledge(k[4], k[3], key, upto, depth)
end
