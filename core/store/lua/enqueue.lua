-- Task slot: queue a task, once for its id, and put it on record.
-- keys: tasks, seen 1-3, lane, ready, audit
-- -> seq, the same one if the task is known
function ops.enqueue(k, name, id, task, record)
  local seen = {k[2], k[3], k[4]}
  local before = known(seen, id)
  if before then return tonumber(before) end
  local seq = call('HINCRBY', k[1], 'seq', 1)
  push(k[6], k[5], name, seq .. ':' .. task, seq, 0)
  if #record > 0 then call('XADD', k[7], 'MAXLEN', '~', AUDIT_MAX, '*', unpack(record)) end
  claim(seen, id, seq)
  return seq
end
