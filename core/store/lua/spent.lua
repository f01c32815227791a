-- Any slot: use up what was lent, in favour of who comes first; they may ask again. keys: hash
-- refuses: who may not have it, that is whose it is; nothing happens
-- -> {} there is none | {value, who has it}
function ops.spent(k, field, taken, by, refuses)
  local value = call('HGET', k[1], field)
  if not value then return {} end
  if refuses and value == by then return {value, ''} end
  call('HSETNX', k[1], taken, by)
  return {value, call('HGET', k[1], taken)}
end
