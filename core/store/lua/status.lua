-- Thread slot: an agent sets the status of a leg, once for the id of the activity that records it.
-- keys: leg, log, refs, inbox open, inbox pending, events
-- -> {1, status before} | {0} known | {'missing'} | {'refused', status now}
function ops.status(k, leg, to, id, activity)
  if call('HEXISTS', k[3], 'k:' .. id) == 1 then return {0} end
  local from = call('HGET', k[1], 'status')
  if not from then return {'missing'} end
  if not MOVES[from] or not MOVES[from][to] then return {'refused', from} end
  local position = call('RPUSH', k[2], activity)
  call('HSET', k[3], 'k:' .. id, position)
  call('HSET', k[1], 'touched_at', now)
  set_status(k[1], {open = k[4], pending = k[5]}, leg, from, to)
  publish(k[6], 'status', leg, position)
  return {1, from}
end
