-- Thread slot. Append an outgoing message to a leg and queue it for the leg's thread, in one step
-- and once for its id; an idle lane is leased to the caller, who then sends at once.
-- meant: the audience; false = the entry changes a message that is on the platform already, which a
-- closed leg does not refuse and no status follows from
-- offers: it has buttons; the head knows of the newest reply only
-- aside: a machine of ours wrote it: nothing follows from it, but what it offers can be chosen
-- keys: leg, log, refs, sends, lane, ready, inbox open, inbox pending, inbox spam,
--   events, thread
-- -> {1, position, token | false, seq, when} | {0, position} known | {'missing'} | {'closed'}
--    | {'audience', the leg's}
function ops.reply(k, ref, leg, id, message, meant, offers, aside, lease)
  local head, log, refs, sends = k[1], k[2], k[3], k[4]
  local state = call('HMGET', head, 'status', 'audience', 'spam', 'offer')
  local after = AFTER_AGENT[state[1]]
  local refused = not state[1] and {'missing'}
    or meant and WIDTH[state[2]] > WIDTH[meant] and {'audience', state[2]}
    or meant and not after and {'closed'}
  local position = not refused and call('RPUSH', log, message)
  if refused or call('HSETNX', refs, 'k:' .. id, format('%d', position)) == 0 then
    if position then call('RPOP', log) end
    local before = call('HGET', refs, 'k:' .. id) -- also where it would be refused by now
    return before and {0, tonumber(before)} or refused
  end
  if meant and not aside then
    local offer = offers and format('%d', position) or ''
    local fields = (state[4] or '') == offer and {} or {'offer', offer}
    local inboxes = {open = k[7], pending = k[8], spam = k[9]}
    touch(head, inboxes, leg, state[1], after, state[3], fields)
  elseif meant and offers then
    call('HSET', head, 'offer', position)
  end
  local seq = call('HINCRBY', k[11], 'out', '1') -- the lane is the thread's: it serves all its legs
  local token = push(k[6], k[5], ref, format('%d:%d:%s', seq, position, leg), seq, lease)
  if token then
    set_send(sends, position, 'sending', 1, 0, '')
  else
    set_send(sends, position, 'queued', 0, 0, '')
  end
  publish(k[10], meant and 'out' or 'activity', leg, position)
  return {1, position, token, seq, now}
end
