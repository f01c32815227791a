-- Thread slot: something happened to a leg that is not here. keys: events
function ops.told(k, kind, leg)
  publish(k[1], kind, leg, 0)
  return 1
end
