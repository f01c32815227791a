-- Any slot: give a lane back, due again in `delay` ms. With sends, the message at `position` goes
-- back to queued: it is certain that nothing of it is under way.
-- keys: ready, [sends]
-- -> 1 | -1 stale
function ops.postpone(k, key, token, delay, position, pieces, reason)
  if not holds(k[1], key, token) then return -1 end
  if k[2] then
    local send = send_of(k[2], position)
    if send and may_advance(send.state, 'queued') then
      set_send(k[2], position, 'queued', send.attempts, math.max(send.pieces, pieces), reason)
    end
  end
  set_due(k[1], key, now + delay)
  if delay == 0 then woken = true end
  return 1
end
