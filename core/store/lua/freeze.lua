-- Any slot: what these keys hold, and a digest by which `retire` and `leave` know it again.
-- keys: hashes and lists
-- -> {digest, {value, ...} a key}
function ops.freeze(k)
  local found = contents(k)
  return {digest(found), unpack(found)}
end
