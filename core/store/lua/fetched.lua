-- Thread slot. Replace the message at a position by one that says more of its attachments, if it is
-- still the one that was looked at. That their bytes are stored is the truth whoever reports it.
-- That they cannot be had is the word of the fetch lane's holder alone: it names its ready set and
-- token.
-- before: the mark of the message that it was
-- keys: log, events, [ready]
-- -> -1 stale | 0 look again | 1
function ops.fetched(k, leg, position, before, after, key, token)
  if k[3] and not holds(k[3], key, token) then return -1 end
  local stored = call('LINDEX', k[1], position - 1) or ''
  local mark = mark_of(stored)
  if stored == after then return 1 end
  if mark ~= before then return mark == mark_of(after) and 1 or 0 end
  call('LSET', k[1], position - 1, after)
  publish(k[2], 'amended', leg, position)
  return 1
end
