-- Thread slot: the platform reports what became of the outgoing message at a position. That one of its
-- pieces has arrived ends nothing that is under way, and says nothing of one that may not have:
-- whoever sends it counts the pieces, and asks for the id of this one again. Of what came back no
-- piece has arrived: sent once more, all of it is.
-- remote: what the platform calls the piece, '' where it does not say
-- keys: sends, events, refs
-- -> 1 it advanced | 0 | {'missing'}
local function is_counted(refs, position, pieces, remote)
  for piece = 1, pieces do
    local ids = call('HGET', refs, format('p:%d:%d', position, piece)) or ''
    for id in string.gmatch(ids, '[^\n]+') do
      if id == remote then return true end
    end
  end
  return false
end

function ops.report(k, leg, position, state, reason, remote)
  local send = send_of(k[1], position)
  if not send then return {'missing'} end
  if state == 'sent' and send.state ~= 'unknown' then return 0 end
  if state == 'failed' then
    send.pieces = 0
  elseif may_advance(send.state, 'sent') and is_counted(k[3], position, send.pieces, remote) then
    return 0
  end
  if reason == '' then reason = send.reason end -- what was shown differently stays known
  if not advance(k[1], position, send, state, 0, reason) then return 0 end
  publish(k[2], state, leg, position)
  return 1
end
