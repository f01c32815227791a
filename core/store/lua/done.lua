-- Any slot, under a lane's token: everything up to `upto` is done; hand out what waits.
-- keys: lane, ready, [hash in which the last seq done is noted]
-- -> -1 stale | {entry, ...}
function ops.done(k, key, token, upto, depth)
  if not holds(k[2], key, token) then return -1 end
  if k[3] then call('HSET', k[3], 'done', upto) end
  return acknowledge(k[2], k[1], key, upto, depth)
end
