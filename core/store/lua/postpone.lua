-- Any slot: give a lane back, due again in `delay` ms. With sends, the message at `position` waits in
-- this state: queued if it is certain that nothing of it is under way, '' as it was found: only one
-- that is queued is told why. `unmade`: so many attempts that were counted were never made. Idle
-- workers look once a second: what is due sooner is told.
-- keys: ready, [sends]
-- -> 1 | -1 stale
function ops.postpone(k, key, token, delay, position, pieces, reason, state, unmade)
  if not holds(k[1], key, token) then return -1 end
  if k[2] then
    local send = send_of(k[2], position)
    local found = state == '' and send and send.state == 'queued'
    if found or send and may_advance(send.state, state) then
      local attempts = math.max(0, send.attempts - unmade)
      local after = found and 'queued' or state
      set_send(k[2], position, after, attempts, math.max(send.pieces, pieces), reason)
    end
  end
  set_due(k[1], key, now + delay)
  if delay < 1000 then wake(k[1]) end
  return 1
end
