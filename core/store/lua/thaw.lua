-- Thread slot: a leg comes back from the archive, unless it is here. Done twice, nothing more.
-- What was read of the archive long ago may be less than it has by now: who asked before `asked` asks
-- again. head: {} = it was here
-- bound: false, or whom of the thread's authors it is for: the thread goes to it again, unless it
--   goes elsewhere
-- keys: leg, log, refs, sends, thread, events, inbox open, inbox pending, inbox spam
-- -> 1 it is here | 0 look again
function ops.thaw(k, leg, head, log, refs, sends, asked, patience, bound)
  if now < asked or now - asked > patience then return 0 end -- or the clock was set back
  if call('EXISTS', k[1]) == 0 then
    if #head == 0 then return 0 end
    fill('HSET', k[1], head)
    fill('RPUSH', k[2], log)
    fill('HSET', k[3], refs)
    fill('HSET', k[4], sends)
    call('HSET', k[1], 'thawed_at', now)
    local was = fields_of(k[1])
    local view = inbox_of({open = k[7], pending = k[8], spam = k[9]}, was.status, was.spam)
    if view then set_due(view, leg, was.touched_at or was.created_at) end
    publish(k[6], 'thawed', leg, 0)
  end
  if bound then call('HSETNX', k[5], 'b:' .. bound, leg) end
  return 1
end
