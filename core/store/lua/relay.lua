-- Live slot: append a partition's events to the one order of all, each once, however many relay it.
-- keys: live, cursors
-- entries: {id in the partition's stream, kind, leg, position, ...}
-- -> how many were new
local function later(a, b)
  local a1, a2 = string.match(a, '^(%d+)-(%d+)$')
  local b1, b2 = string.match(b, '^(%d+)-(%d+)$')
  a1, a2, b1, b2 = tonumber(a1), tonumber(a2), tonumber(b1), tonumber(b2)
  return a1 > b1 or (a1 == b1 and a2 > b2)
end

function ops.relay(k, partition, entries)
  local cursor, count = call('HGET', k[2], partition) or '0-0', 0
  for i = 1, #entries, 4 do
    if later(entries[i], cursor) then
      cursor, count = entries[i], count + 1
      call('XADD', k[1], 'MAXLEN', '~', LIVE_MAX, '*', 'k', entries[i + 1], 'l', entries[i + 2],
        'p', entries[i + 3])
    end
  end
  if count > 0 then call('HSET', k[2], partition, cursor) end
  return count
end
