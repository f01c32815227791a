-- Any slot: which lanes may be taken now, and when the next one may be. keys: ready, ...
-- -> {{lane, ...} for each key, ms until the next becomes due | -1}
function ops.due(k, limit)
  local lists, wait = {}, -1
  for i, ready in ipairs(k) do
    lists[i] = call('ZRANGE', ready, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)
    local first = call('ZRANGE', ready, '(' .. now, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
    if first[2] then
      local left = math.ceil(tonumber(first[2]) - now)
      if wait < 0 or left < wait then wait = left end
    end
  end
  return {lists, wait}
end
