-- Any slot: what these keys hold, and a digest by which `retire` and `leave` know it again.
-- longest: of a leg with more entries nothing is told, as that would keep everybody else waiting
-- keys: hashes and lists; a leg's log is the second
-- -> {digest, {value, ...} a key} | {} too long
function ops.freeze(k, longest)
  if k[2] and call('LLEN', k[2]) > longest then return {} end
  local found = contents(k)
  return {digest(found), unpack(found)}
end
