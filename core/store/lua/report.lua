-- Thread slot: the platform reports on outgoing messages (delivered, read, failed), by its own ids.
-- keys: refs, sends, events
-- -> how many advanced
function ops.report(k, leg, state, remotes, reason)
  local count = 0
  for _, remote in ipairs(remotes) do
    local position = call('HGET', k[1], 'r:' .. remote)
    if position and advance(k[2], position, state, 0, reason) then
      publish(k[3], state, leg, tonumber(position))
      count = count + 1
    end
  end
  return count
end
