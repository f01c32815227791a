-- Thread slot: an agent has a message sent again that failed, or of which nobody knows whether it
-- arrived. The pieces that have arrived are not sent again; attempts are counted anew.
-- Once for the id `asked`, which leads to the message from then on.
-- keys: leg, sends, lane, ready, events, thread, refs
-- change: the entry changes another one, which a closed leg does not refuse
-- -> 1 | {'missing'} | {'closed'} | {'refused', state}
function ops.retry(k, ref, leg, position, change, asked)
  local send = send_of(k[2], position)
  local status = call('HGET', k[1], 'status')
  if not send or not status then return {'missing'} end
  if call('HEXISTS', k[7], 'k:' .. asked) == 1 then return 1 end
  if send.state ~= 'failed' and send.state ~= 'unknown' then return {'refused', send.state} end
  if not change and not AFTER_AGENT[status] then return {'closed'} end
  set_send(k[2], position, 'queued', 0, send.pieces, '')
  call('HSET', k[7], 'k:' .. asked, position)
  local seq = call('HINCRBY', k[6], 'out', 1)
  push(k[4], k[3], ref, format('%d:%d:%s', seq, position, leg), seq, 0)
  publish(k[5], 'queued', leg, position)
  return 1
end
