-- Number slot: the archive knows whose number this is. keys: numbers
function ops.unnumber(k, number, leg)
  if call('HGET', k[1], number) == leg then call('HDEL', k[1], number) end
  return 1
end
