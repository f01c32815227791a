-- Live slot: append a partition's events to the one order of all, each once, however many relay it.
-- keys: live, cursors
-- entries: {id in the partition's stream, the events that are there, one a line, ...}
-- -> how many were new
local function later(a, b)
  local a1, a2 = string.match(a, '^(%d+)-(%d+)$')
  local b1, b2 = string.match(b, '^(%d+)-(%d+)$')
  a1, a2, b1, b2 = tonumber(a1), tonumber(a2), tonumber(b1), tonumber(b2)
  return a1 > b1 or (a1 == b1 and a2 > b2)
end

function ops.relay(k, partition, entries)
  local cursor, count = call('HGET', k[2], partition) or '0-0', 0
  for i = 1, #entries, 2 do
    if later(entries[i], cursor) then
      cursor = entries[i]
      for kind, leg, position in string.gmatch(entries[i + 1], '(%S+) (%S+) (%d+)') do
        count = count + 1
        call('XADD', k[1], 'MAXLEN', '~', LIVE_MAX, '*', 'k', kind, 'l', leg, 'p', position)
      end
    end
  end
  if count > 0 then call('HSET', k[2], partition, cursor) end
  return count
end
