-- Account slot: may a leg have an automatic answer? One a person in `again` ms, and `count_max` of
-- the account within `within` ms. Asked twice for one leg, the same is said and nothing is counted.
-- keys: the person's last answer, the account's count
-- -> 1 | 0
function ops.permit(k, leg, again, count_max, within)
  local before = call('GET', k[1])
  if before then return before == leg and 1 or 0 end
  if tonumber(call('GET', k[2]) or 0) >= count_max then return 0 end
  if call('INCR', k[2]) == 1 then call('PEXPIRE', k[2], within) end
  call('SET', k[1], leg, 'PX', again)
  return 1
end
