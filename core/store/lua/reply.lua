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
  local before = call('HGET', refs, 'k:' .. id)
  if before then return {0, tonumber(before)} end
  local state = call('HMGET', head, 'status', 'audience', 'spam')
  if not state[1] then return {'missing'} end
  if meant and WIDTH[state[2]] > WIDTH[meant] then return {'audience', state[2]} end
  local after = AFTER_AGENT[state[1]]
  if meant and not after then return {'closed'} end
  local position = call('RPUSH', log, message)
  call('HSET', refs, 'k:' .. id, position)
  if meant and not aside then
    call('HSET', head, 'touched_at', now, 'offer', offers and position or '')
    set_status(head, {open = k[7], pending = k[8], spam = k[9]}, leg, state[1], after, state[3])
  elseif meant and offers then
    call('HSET', head, 'offer', position)
  end
  local seq = call('HINCRBY', k[11], 'out', 1) -- the lane is the thread's: it serves all its legs
  local token = push(k[6], k[5], ref, seq .. ':' .. position .. ':' .. leg, seq, lease)
  if token then
    set_send(sends, position, 'sending', 1, 0, '')
  else
    set_send(sends, position, 'queued', 0, 0, '')
  end
  publish(k[10], meant and 'out' or 'activity', leg, position)
  return {1, position, token, seq, now}
end
