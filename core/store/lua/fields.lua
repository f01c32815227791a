-- Any slot: a step of the task at `place`: set and delete fields of a hash that exists. Done twice,
-- nothing more. Tasks run one after another; a worker that slept through its lease and wakes in the
-- middle of one is refused wherever a later task has been.
-- keys: hash, [events]
-- -> 1 | 0 no such hash | -1 stale
function ops.fields(k, place, set, delete, kind, leg)
  if call('EXISTS', k[1]) == 0 then return 0 end
  if tonumber(call('HGET', k[1], 'task') or 0) > place then return -1 end
  call('HSET', k[1], 'task', place, unpack(set))
  if #delete > 0 then call('HDEL', k[1], unpack(delete)) end
  if k[2] and #set + #delete > 0 then call('HINCRBY', k[1], 'rev', 1) end
  if k[2] and kind ~= '' then publish(k[2], kind, leg, 0) end
  return 1
end
