-- Identity slot: who wrote this; known from now on, with the leg that is about to be begun.
-- keys: identity, legs
-- profile: {field, value, ...}, only what the platform told
-- -> {contact, 1 | 0 linked, number of legs begun before}
function ops.identify(k, identity, leg, profile)
  if call('HSETNX', k[1], 'id', identity) == 1 then
    call('HSET', k[1], 'contact', identity, 'first_seen_at', now)
  end
  if #profile > 0 then call('HSET', k[1], unpack(profile)) end
  local before = call('ZCARD', k[2])
  if leg ~= '' then call('ZADD', k[2], 'NX', now, leg) end
  local known_as = call('HMGET', k[1], 'contact', 'links')
  return {known_as[1], tonumber(known_as[2] or 0) > 0 and 1 or 0, before}
end
