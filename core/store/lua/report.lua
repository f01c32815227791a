-- Thread slot: the platform reports what became of the outgoing message at a position.
-- keys: sends, events
-- -> 1 it advanced | 0
function ops.report(k, leg, position, state, reason)
  if reason == '' then -- what was shown differently stays known
    reason = (send_of(k[1], position) or {reason = ''}).reason
  end
  if not advance(k[1], position, state, 0, reason) then return 0 end
  publish(k[2], state, leg, position)
  return 1
end
