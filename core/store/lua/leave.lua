-- Identity slot: the archive knows that this leg is theirs. Who has no other leg here is forgotten, if
-- they are what was archived of them; '' = they stay.
-- keys: identity, legs, wider
-- -> 1 | 0 they are somebody else by now: archive them once more
function ops.leave(k, leg, frozen)
  call('ZREM', k[2], leg)
  call('ZREM', k[3], leg)
  if frozen == '' or call('EXISTS', k[2], k[3]) > 0 or call('EXISTS', k[1]) == 0 then return 1 end
  if digest(contents({k[1]})) ~= frozen then return 0 end
  call('DEL', k[1])
  return 1
end
