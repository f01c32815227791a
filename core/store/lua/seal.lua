-- Thread slot: what the customer writes from now on begins a new leg. Done twice, nothing more.
-- keys: leg, events
-- -> 1 | 0 no such leg
function ops.seal(k, leg)
  if call('EXISTS', k[1]) == 0 then return 0 end
  if call('HSETNX', k[1], 'sealed', 1) == 1 then
    call('HINCRBY', k[1], 'rev', 1)
    publish(k[2], 'sealed', leg, 0)
  end
  return 1
end
