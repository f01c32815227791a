-- Thread slot, on data that was restored: what was on its way out when the data was copied may have
-- left since. None of it leaves by itself any more; each becomes `unknown`, also what was queued,
-- which nothing else makes so.
-- legs: whose sends are k[4] and on. upto: the seq of the last entry that was looked at
-- keys: lane, ready, events, sends of each leg -> how many messages that were
function ops.disown(k, key, legs, upto, reason)
  local sends, count = {}, 0
  for i, leg in ipairs(legs) do sends[leg] = k[3 + i] end
  while true do
    local entry = call('LINDEX', k[1], 0)
    if not entry or seq_of(entry) > upto then break end
    local position, leg = string.match(entry, '^%d+:(%d+):(.*)$')
    local send = send_of(sends[leg], position)
    if send and (send.state == 'queued' or send.state == 'sending') then
      set_send(sends[leg], position, 'unknown', send.attempts, send.pieces, reason)
      publish(k[3], 'unknown', leg, position)
      count = count + 1
    end
    call('LPOP', k[1])
  end
  set_due(k[2], key, call('LLEN', k[1]) > 0 and now)
  wake(k[2])
  return count
end
