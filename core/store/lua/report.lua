-- Thread slot: the platform reports on outgoing messages (delivered, read, failed), by its own ids.
-- keys: refs, sends, events
-- -> how many advanced
function ops.report(k, leg, state, remotes, reason)
  local count = 0
  for _, remote in ipairs(remotes) do
    local position = call('HGET', k[1], 'r:' .. remote)
    local words = reason
    if position and reason == '' then -- what was shown differently stays known
      words = (send_of(k[2], position) or {reason = ''}).reason
    end
    if position and advance(k[2], position, state, 0, words) then
      publish(k[3], state, leg, tonumber(position))
      count = count + 1
    end
  end
  return count
end
