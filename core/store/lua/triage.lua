-- Thread slot: an agent changes what a leg is as a piece of work: all of it or nothing, once for the
-- id of the activity that records it. What is so already is no change.
-- expected: {rev, length} that the leg must have still; {} = whatever it has
-- change: {status =, priority =, assignee =, tags = {...}, add = {...}, remove = {...}, until = ms,
--   wake = true, spam = true | false}, each if asked for; 'until' and 'wake' of what is snoozed
-- keys: leg, log, refs, inbox open, inbox pending, inbox spam, snoozed, events
-- -> {1} | {0} known, or nothing to change | {'missing'} | {'stale'} | {'refused', status now}
--    | {'tags'} too many
function ops.triage(k, leg, change, expected, id, activity)
  local head, refs = k[1], k[3]
  if call('HEXISTS', refs, 'k:' .. id) == 1 then return {0} end
  local was = fields_of(head)
  if not was.status then return {'missing'} end
  local now_is = {tonumber(was.rev or 0), call('LLEN', k[2])}
  if expected[1] and (expected[1] ~= now_is[1] or expected[2] ~= now_is[2]) then return {'stale'} end

  local from, to = was.status, change.status or was.status
  if change.wake and from == 'snoozed' then to = 'open' end
  if change.status and not (MOVES[from] and MOVES[from][to]) then return {'refused', from} end
  local wanted = {snoozed_until = to == 'snoozed' and was.snoozed_until or ''}
  if change.status == 'snoozed' then wanted.snoozed_until = '' end
  if change['until'] then wanted.snoozed_until = format('%.0f', change['until']) end
  if change.priority then wanted.priority = change.priority ~= 'normal' and change.priority or '' end
  if change.spam ~= nil then wanted.spam = change.spam and '1' or '' end
  if change.assignee then wanted.assignee = change.assignee end
  local tags, count = tags_after(was.tags or '', change)
  if count > TAGS_MAX and tags ~= was.tags then return {'tags'} end
  wanted.tags = tags

  local changed = false
  for name, value in pairs(wanted) do changed = set_field(head, was, name, value) or changed end
  if from == to and not changed then return {0} end
  if change.assignee and change.assignee ~= (was.assignee or '') then
    call('HSET', head, 'assigned_at', now)
  end
  if wanted.snoozed_until ~= '' then call('ZADD', k[7], wanted.snoozed_until, leg) end
  local position = call('RPUSH', k[2], activity)
  call('HSET', refs, 'k:' .. id, position)
  call('HINCRBY', head, 'rev', 1)
  local inboxes = {open = k[4], pending = k[5], spam = k[6]}
  if change.spam ~= nil then
    relist(inboxes, leg, from, was.spam, change.spam, was.touched_at or now)
    was.spam = change.spam
  end
  if from ~= to then
    touch(head, inboxes, leg, from, to, was.spam, {})
    publish(k[8], 'status', leg, position)
  end
  if changed then publish(k[8], 'triaged', leg, position) end
  return {1}
end
