-- Thread slot, under the outbound lane's token: bytes are about to leave.
-- keys: ready, sends
-- -> -1 stale | {state before, attempts before, pieces sent}
function ops.begin(k, key, token, position)
  if not holds(k[1], key, token) then return -1 end
  local send = send_of(k[2], position)
  if not send then return {'missing', 0, 0} end
  if may_advance(send.state, 'sending') then
    set_send(k[2], position, 'sending', send.attempts + 1, send.pieces, '')
  end
  return {send.state, send.attempts, send.pieces}
end
