-- Identity slot: who wrote this; known from now on, with the leg that is about to be begun.
-- keys: identity, legs, wider
-- profile: {field, value, ...}, only what the platform told
-- base: what the archive knows of them, if that was asked; whoever is not known here has to be asked
--   for there first
-- wider: the leg is read by others, too; the newest so many of those are known
-- -> {} ask the archive | {contact, 1 | 0 linked, number of private legs begun before}
function ops.identify(k, identity, leg, profile, wider, wider_max, base)
  if call('EXISTS', k[1]) == 0 then
    if not base then return {} end
    if #base > 0 then call('HSET', k[1], unpack(base)) end
  end
  if call('HSETNX', k[1], 'id', identity) == 1 then
    call('HSET', k[1], 'contact', identity, 'first_seen_at', now)
  end
  if #profile > 0 then call('HSET', k[1], unpack(profile)) end
  local before = call('ZCARD', k[2])
  if leg ~= '' then call('ZADD', wider and k[3] or k[2], 'NX', now, leg) end
  if wider then call('ZREMRANGEBYRANK', k[3], 0, -wider_max - 1) end
  local known_as = call('HMGET', k[1], 'contact', 'links')
  return {known_as[1], tonumber(known_as[2] or 0) > 0 and 1 or 0, before}
end
