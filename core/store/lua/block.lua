-- Slot of the blocks: who is kept out from now on, and who no more; on record if that changes anything.
-- Who is blocked already stays as they are.
-- keys: blocked, audit
-- marks: {identity, mark, ...}, gone: {identity, ...}
-- -> how many have changed | {'full'}
function ops.block(k, marks, gone, count_max, record)
  local changed = 0
  if #marks > 0 and call('HLEN', k[1]) + #marks / 2 > count_max then return {'full'} end
  for i = 1, #marks, 2 do changed = changed + call('HSETNX', k[1], marks[i], marks[i + 1]) end
  for _, identity in ipairs(gone) do changed = changed + call('HDEL', k[1], identity) end
  if changed > 0 then
    call('HINCRBY', k[1], 'rev', 1)
    call('XADD', k[2], 'MAXLEN', '~', AUDIT_MAX, '*', unpack(record))
  end
  return changed
end
