-- Any slot: set and delete fields of a hash that exists. Done twice, nothing more.
-- keys: hash, [events]
-- -> 1 | 0 no such hash
function ops.fields(k, set, delete, kind, leg)
  if call('EXISTS', k[1]) == 0 then return 0 end
  if #set > 0 then call('HSET', k[1], unpack(set)) end
  if #delete > 0 then call('HDEL', k[1], unpack(delete)) end
  if k[2] then publish(k[2], kind, leg, 0) end
  return 1
end
