-- Thread slot: the platform reports what became of the outgoing message at a position. That one of its
-- pieces has arrived ends nothing that is under way: whoever sends it counts the pieces, and asks for
-- the id of this one again.
-- keys: sends, events
-- -> 1 it advanced | 0 | {'missing'}
function ops.report(k, leg, position, state, reason)
  local send = send_of(k[1], position)
  if not send then return {'missing'} end
  if state == 'sent' and send.state ~= 'unknown' then return 0 end
  if reason == '' then reason = send.reason end -- what was shown differently stays known
  if not advance(k[1], position, send, state, 0, reason) then return 0 end
  publish(k[2], state, leg, position)
  return 1
end
