-- Thread slot: a leg that is snoozed until now, or was and is not any more. The former is open again;
-- neither is looked at a second time.
-- keys: leg, log, refs, inbox open, inbox pending, inbox spam, snoozed, events
-- -> 1 it is open again | 0
function ops.wake(k, leg, id, activity)
  local due = call('ZSCORE', k[7], leg)
  if not due or tonumber(due) > now then return 0 end
  local was = call('HMGET', k[1], 'status', 'snoozed_until', 'spam')
  local ends = was[1] == 'snoozed' and tonumber(was[2] or '')
  if ends and ends > now then -- it was snoozed anew
    call('ZADD', k[7], was[2], leg)
    return 0
  end
  if ends then
    local position = call('RPUSH', k[2], activity)
    call('HSET', k[3], 'k:' .. id, position)
    call('HINCRBY', k[1], 'rev', 1)
    touch(k[1], {open = k[4], pending = k[5], spam = k[6]}, leg, 'snoozed', 'open', was[3], {})
    publish(k[8], 'status', leg, position)
  end
  call('ZREM', k[7], leg)
  return ends and 1 or 0
end
