-- Account slot: something that nobody here could read. The newest so many are known, each once.
-- keys: gaps
-- -> 1 | 0 known
function ops.gap(k, gap, count_max)
  local new = call('ZADD', k[1], 'NX', now, gap)
  call('ZREMRANGEBYRANK', k[1], 0, -count_max - 1)
  return new
end
