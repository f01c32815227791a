-- Exchange slot: a leg has begun in it. The newest are known for `life` ms after the last of them.
-- keys: exchange
-- -> how many others are known
function ops.exchange(k, leg, count_max, life)
  call('ZADD', k[1], 'NX', now, leg)
  call('ZREMRANGEBYRANK', k[1], 0, -count_max - 1)
  call('PEXPIRE', k[1], life)
  return call('ZCARD', k[1]) - 1
end
