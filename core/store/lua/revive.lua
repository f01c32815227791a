-- Any slot: a dead letter goes back into its lane, behind what waits there.
-- keys: dead letters, hash that counts the lane's entries, lane, ready
-- count: the counter's field
-- -> 1 | 0 there is no such letter
function ops.revive(k, id, key, count)
  local found = call('XRANGE', k[1], id, id)[1]
  if not found then return 0 end
  local fields = {}
  for i = 1, #found[2], 2 do fields[found[2][i]] = found[2][i + 1] end
  local seq = call('HINCRBY', k[2], count, 1)
  push(k[4], k[3], key, format('%d:', seq) .. fields.entry, seq, 0)
  return ops.discard(k, id)
end
