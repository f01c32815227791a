-- Account slot: what a platform shows of a leg: the status that was shown last, '' = nothing yet.
-- keys: shown
-- status: false = it is to be shown, whatever it is; nothing happens if that is known
-- last: nothing will be shown of it any more
function ops.shown(k, leg, status, last)
  if last then return call('HDEL', k[1], leg) end
  if not status then return call('HSETNX', k[1], leg, '') end
  return call('HSET', k[1], leg, status)
end
