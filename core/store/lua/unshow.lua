-- Account slot: a leg is archived; that its platform shows what it is needs no record any more.
-- keys: shown
function ops.unshow(k, leg, status)
  if call('HGET', k[1], leg) == status then call('HDEL', k[1], leg) end
  return 1
end
