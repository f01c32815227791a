-- Account slot: whoever waits may have it now. keys: hold
function ops.release(k, token)
  if call('GET', k[1]) == token then call('DEL', k[1]) end
  return 0
end
