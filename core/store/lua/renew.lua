-- Any slot: the holder of a lane needs longer. keys: ready
-- -> token | -1 stale
function ops.renew(k, key, token, lease)
  if not holds(k[1], key, token) then return -1 end
  local score = math.max(now + lease, tonumber(token) + 1)
  set_due(k[1], key, score)
  return token_of(score)
end
