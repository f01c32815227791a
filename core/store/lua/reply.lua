-- Thread slot. Append an outgoing message to a leg and queue it for the leg's thread, in one step
-- and once for its id; an idle lane is leased to the caller, who then sends at once.
-- meant: the audience; false = the entry changes a message that is on the platform already, which a
-- closed leg does not refuse and no status follows from
-- offers: it has buttons; the head knows of the newest reply only
-- aside: a machine of ours wrote it: nothing follows from it, but what it offers can be chosen
-- asker: names this one call. Made again by the client, since its answer was lost, it is told again
--   that it holds the lane: nobody else knows, and the message would stand as being sent.
-- keys: leg, log, refs, sends, lane, ready, inbox open, inbox pending, inbox spam,
--   events, thread
-- -> {1, position, token | false, seq, when} | {0, position} known | {'missing'} | {'closed'}
--    | {'audience', the leg's}
local function handed_to(thread, ready, ref, asker)
  local by, token = string.match(call('HGET', thread, 'handed') or '', '^(%S+) (%S+)$')
  return by == asker and holds(ready, ref, token) and token
end

function ops.reply(k, ref, leg, id, message, meant, offers, aside, lease, asker)
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
    if not before then return refused end
    local token = handed_to(k[11], k[6], ref, asker)
    if not token then return {0, tonumber(before)} end
    return {1, tonumber(before), token, seq_of(call('LINDEX', k[5], 0)), now}
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
    call('HSET', k[11], 'handed', asker .. ' ' .. token)
  else
    set_send(sends, position, 'queued', 0, 0, '')
  end
  publish(k[10], meant and 'out' or 'activity', leg, position)
  return {1, position, token, seq, now}
end
