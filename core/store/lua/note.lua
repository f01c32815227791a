-- Thread slot: append something that only agents see, once for its id.
-- keys: leg, log, refs, events
-- -> {1, position} | {0, position} known | {'missing'}
function ops.note(k, leg, id, message, kind)
  local before = call('HGET', k[3], 'k:' .. id)
  if before then return {0, tonumber(before)} end
  if call('EXISTS', k[1]) == 0 then return {'missing'} end
  local position = call('RPUSH', k[2], message)
  call('HSET', k[3], 'k:' .. id, position)
  call('HSET', k[1], 'touched_at', now)
  publish(k[4], kind, leg, position)
  return {1, position}
end
