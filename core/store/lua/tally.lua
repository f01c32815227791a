-- Identity slot: something was done once more. keys: tally
-- -> how often within `within` ms of the first time
function ops.tally(k, within)
  local count = call('INCR', k[1])
  if count == 1 then call('PEXPIRE', k[1], within) end
  return count
end
