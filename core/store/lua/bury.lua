-- Any slot, under a lane's token: its first entry has failed once more. It waits, or after so many
-- attempts it is laid aside among the dead letters, so that what stands behind it goes on. When there
-- is no room for it there, it goes on waiting in its lane.
-- keys: lane, ready, failing, [dead letters, [hash in which the last seq done is noted]]
-- waits: ms after the first, second ... failure, the last one repeats; without dead letters nothing
-- is laid aside and the lane stays leased when the attempts are used up
-- -> -1 stale | {0, attempts} waits | {1, attempts} laid aside, or to be | {2, attempts} no room
function ops.bury(k, kind, key, token, attempts_max, waits, reason, room)
  local lane, ready, failing, dead = k[1], k[2], k[3], k[4]
  if not holds(ready, key, token) then return -1 end
  local entry = call('LINDEX', lane, 0)
  if not entry then
    set_due(ready, key, false)
    return {0, 0}
  end
  local name, seq = kind .. ':' .. key, seq_of(entry)
  local of, attempts = string.match(call('HGET', failing, name) or '', '^(%d+) (%d+)$')
  attempts = (tonumber(of) == seq and tonumber(attempts) or 0) + 1
  local full = dead and call('XLEN', dead) >= room
  if attempts < attempts_max or full then
    call('HSET', failing, name, format('%d %d', seq, attempts))
    call('EXPIRE', failing, 86400)
    set_due(ready, key, now + waits[math.min(attempts, #waits)])
    return {attempts >= attempts_max and 2 or 0, attempts}
  end
  call('HDEL', failing, name)
  if not dead then return {1, attempts} end
  call('XADD', dead, '*', 'kind', kind, 'key', key, 'attempts', attempts, 'reason', reason,
    'entry', string.sub(entry, #tostring(string.match(entry, '^%d+')) + 2))
  call('LPOP', lane)
  if k[5] then call('HSET', k[5], 'done', seq) end
  set_due(ready, key, call('EXISTS', lane) == 1 and now or false)
  wake(ready)
  return {1, attempts}
end
