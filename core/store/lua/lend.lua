-- Any slot: keep a value in a field for `life` ms, once. keys: hash
-- -> 1 | 0 there is one
function ops.lend(k, field, value, life)
  local new = call('HSETNX', k[1], field, value)
  call('PEXPIRE', k[1], life, 'NX')
  return new
end
