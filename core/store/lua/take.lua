-- Any slot: lease a lane that is due. keys: lane, ready
-- -> false | {token, {entry, ...}}
function ops.take(k, key, lease, depth)
  local score = due_of(k[2], key)
  if not score or tonumber(score) > now then return false end
  local entries = call('LRANGE', k[1], 0, depth - 1)
  if #entries == 0 then
    set_due(k[2], key, false)
    return false
  end
  score = lease_until(lease, seq_of(entries[1]))
  set_due(k[2], key, score)
  return {score, entries}
end
