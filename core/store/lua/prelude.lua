-- One call carries many operations, each of one partition (on a cluster: all of the same one):
-- ARGV[1] is a msgpack array of {name, how many KEYS come before its own, how many are its own,
-- argument, ...}. Every key that an operation touches is in KEYS.
-- An operation returns its reply; one that fails fails alone, so each validates before it writes.
local call = redis.call
local format = string.format
local clock = call('TIME') -- the server's: leases and times do not depend on the workers' clocks
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
-- What is stored on the usual way of a message is made a string here, and whole numbers as such: each
-- number that a command is given is written out by the server with all the digits that a fraction may
-- have, which takes far longer. Moments are too great for the whole numbers of a 32-bit server.
local NOW = format('%.0f', now)
local TURN, CLAIM_S = 691200000, 1382400 -- 8 days in ms; two turns in s
local ops = {}
local due, events = {}, {} -- index writes of the whole call, made once at its end
local woken = {} -- tags of the partitions in which work was left

local function tag_of(key) return string.match(key, '^{(.-)}') end

local function wake(key) woken[tag_of(key)] = true end

-- --- lanes
-- The fencing token of a lane is the score under which its holder stands in the ready set: the end
-- of the lease. Nobody can take the lane before that moment, so every later holder's is greater.
-- The fraction (from the entry's seq) tells apart holders within one millisecond.
local function lease_until(lease, seq)
  return format('%.0f.%03d', now + lease, seq % 1000)
end

local function token_of(score)
  return type(score) == 'string' and score or format('%.10f', score)
end

local function set_due(ready, key, score)
  local members = due[ready]
  if not members then members = {} due[ready] = members end
  members[key] = score
end

local function due_of(ready, key)
  local members = due[ready]
  if members and members[key] ~= nil then return members[key] end
  return call('ZSCORE', ready, key)
end

local function holds(ready, key, token)
  local open = due_of(ready, key)
  return open and tonumber(open) == tonumber(token)
end

local function seq_of(entry) return tonumber(string.match(entry, '^%d+')) end

-- Put an entry into a lane. An idle lane is leased at once to the caller if lease > 0.
-- -> token | false
local function push(ready, lane, key, entry, seq, lease)
  if call('RPUSH', lane, entry) > 1 then return false end
  if lease == 0 then
    set_due(ready, key, NOW)
    wake(ready)
    return false
  end
  local token = lease_until(lease, seq)
  set_due(ready, key, token)
  return token
end

-- Remove the entries up to and including `upto`: done twice, it removes nothing more. The lease is
-- kept and what waits is handed out, or the lane is left idle.
local function acknowledge(ready, lane, key, upto, depth)
  local entries, gone = nil, 0
  repeat
    entries = call('LRANGE', lane, 0, depth)
    gone = 0
    while gone < #entries and seq_of(entries[gone + 1]) <= upto do gone = gone + 1 end
    if gone > 0 then call('LPOP', lane, gone) end
  until gone <= depth -- or further ones may be done
  local rest = {unpack(entries, gone + 1, math.min(gone + depth, #entries))}
  if #rest == 0 then set_due(ready, key, false) end
  return rest
end

-- --- claims: two generations are looked up. The third has expired before its next turn: it was made
-- at the end of its turn at the latest and lives for two. Were it to live longer, claims of the next
-- turn would join it and expire with it, too early.
local turn = math.floor(now / TURN)

-- -> what was claimed | false
local function known(seen, dedup)
  return call('HGET', seen[turn % 3 + 1], dedup) or call('HGET', seen[(turn + 2) % 3 + 1], dedup)
end

-- The last write of an operation: should one before it fail, the event may come again.
local function claim(seen, dedup, value)
  local key = seen[turn % 3 + 1]
  call('HSET', key, dedup, value)
  call('EXPIRE', key, CLAIM_S, 'NX')
end

-- A thread's hash notes in which turn its claims were begun, and whether there are any of the turn
-- before. While that turn lasts, one look is enough.
local ALONE, AFTER_OTHERS = format('%d', turn), format('%d+', turn)
local made -- the claim that the operation at work has made: it is taken back should that fail

local function unclaim()
  if not made then return end
  call('HDEL', made.key, made.dedup)
  call('HDEL', made.thread, 'turn') -- the generation may be gone with it
  made = nil
end

-- Claim what is not known yet; -> whether it was not. noted: what the thread's hash notes.
local function claim_new(thread, noted, seen, dedup)
  local this, before = seen[turn % 3 + 1], seen[(turn + 2) % 3 + 1]
  if noted ~= ALONE and call('HEXISTS', before, dedup) == 1 then return false end
  if call('HSETNX', this, dedup, '1') == 0 then return false end
  made = {thread = thread, key = this, dedup = dedup}
  if noted ~= ALONE and noted ~= AFTER_OTHERS then
    call('EXPIRE', this, CLAIM_S, 'NX')
    call('HSET', thread, 'turn', call('EXISTS', before) == 1 and AFTER_OTHERS or ALONE)
  end
  return true
end

-- --- legs
local function publish(stream, kind, leg, position)
  local lines = events[stream]
  if not lines then lines = {} events[stream] = lines end
  lines[#lines + 1] = format('%s %s %d', kind, leg, position)
end

-- The inbox view in which a leg is listed, if any. inboxes = {open = key, pending = key, spam = key}
local function inbox_of(inboxes, status, spam)
  return inboxes[(spam and SPAM_VIEW or VIEW)[status]]
end

local function relist(inboxes, leg, status, was_spam, is_spam, at)
  local before, after = inbox_of(inboxes, status, was_spam), inbox_of(inboxes, status, is_spam)
  if before == after then return end
  if before then set_due(before, leg, false) end
  if after then set_due(after, leg, at) end
end

-- Something has happened to a leg: set its status and these fields, and list it in the inbox view that
-- the status belongs to.
local function touch(head, inboxes, leg, from, to, spam, fields)
  local set = {'touched_at', NOW, unpack(fields)}
  if from ~= to then
    local last = #set
    set[last + 1], set[last + 2], set[last + 3], set[last + 4] = 'status', to, 'status_at', NOW
  end
  call('HSET', head, unpack(set))
  if from == 'snoozed' and to ~= from then call('HDEL', head, 'snoozed_until') end
  local before, after = inbox_of(inboxes, from, spam), inbox_of(inboxes, to, spam)
  if before and before ~= after then set_due(before, leg, false) end
  if after then set_due(after, leg, NOW) end
end

local function fields_of(key)
  local fields, flat = {}, call('HGETALL', key)
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  return fields
end

-- Set a field, '' = it is not there; -> whether that is a change.
local function set_field(key, was, name, value)
  if (was[name] or '') == value then return false end
  if value == '' then call('HDEL', key, name) else call('HSET', key, name, value) end
  return true
end

-- What a leg's tags, one a line and in order, are after a change; and how many.
local function tags_after(before, change)
  local set, list = {}, {}
  if not change.tags then
    for tag in string.gmatch(before, '[^\n]+') do set[tag] = true end
  end
  for _, tag in ipairs(change.tags or {}) do set[tag] = true end
  for _, tag in ipairs(change.add or {}) do set[tag] = true end
  for _, tag in ipairs(change.remove or {}) do set[tag] = nil end
  for tag in pairs(set) do list[#list + 1] = tag end
  table.sort(list)
  return table.concat(list, '\n'), #list
end

-- The thread went on with another leg.
local function seal(head, successor)
  call('HSET', head, 'sealed', 1, 'next', successor)
  call('HINCRBY', head, 'rev', 1)
end

-- A message in a log ends with a checksum of what it says: however often it was compressed anew, and
-- by whichever version, it is known by that. See core/store/compact.py.
local function mark_of(message) return string.sub(message, -4) end

-- Append a message and index the platform's ids of it. The first of them tells whether it is new:
-- a further file of an album that has begun, or the original of an edit that came first, is not.
-- -> its position | nil: nothing was appended
local function append(log, refs, message, remotes)
  local position = call('RPUSH', log, message)
  local at = format('%d', position)
  for i, remote in ipairs(remotes) do
    if call('HSETNX', refs, 'r:' .. remote, at) == 0 and i == 1 then
      call('RPOP', log)
      return nil
    end
  end
  return position
end

-- Where several legs share a thread: remember which of them has the message. Found as long as
-- claims live.
local function place(seen, remotes, leg)
  for _, remote in ipairs(remotes) do claim(seen, 'r:' .. remote, leg) end
end

-- Have the attachments of a message fetched: queue it in its thread's fetch lane.
local function want_bytes(thread, lane, ready, key, leg, position)
  local seq = call('HINCRBY', thread, 'fetch', '1')
  push(ready, lane, key, format('%d:%d:%s', seq, position, leg), seq, 0)
end

-- --- deliveries: position -> state|attempts|pieces|at|reason
local function send_of(sends, position)
  local stored = call('HGET', sends, format('%d', position))
  if not stored then return nil end
  local state, attempts, pieces, _, reason = string.match(stored, '^([^|]*)|(%d+)|(%d+)|(%d+)|(.*)$')
  return {state = state, attempts = tonumber(attempts), pieces = tonumber(pieces), reason = reason}
end

local function set_send(sends, position, state, attempts, pieces, reason)
  local counts = format('|%d|%d|', attempts, pieces)
  call('HSET', sends, format('%d', position), state .. counts .. NOW .. '|' .. reason)
end

local function may_advance(from, to) return ADVANCES[from] and ADVANCES[from][to] or false end

local function advance(sends, position, send, to, pieces, reason)
  if not send or not may_advance(send.state, to) then return false end
  set_send(sends, position, to, send.attempts, math.max(send.pieces, pieces), reason)
  return true
end

-- --- budgets: given left, as moments in ms; see spend
local function turns_of(limit)
  local given, left = string.match(call('GET', limit) or '', '^(%S+) (%S+)')
  return math.max(now, tonumber(given) or 0), math.max(now, tonumber(left) or 0)
end

-- With what a call costs and what may be used in advance, for whoever asks how full it is.
local function set_turns(limit, given, left, cost, advance_ms)
  local life = math.max(1, math.ceil(math.max(given, left) - now))
  local value = format('%.3f %.3f %.3f %.3f', given, left, cost, advance_ms)
  call('SET', limit, value, 'PX', life)
  return now + life
end

-- budgets: zset of the account's budgets of which something is used; it ends with the last of them.
local function list_used(budgets, whole)
  for name, at in pairs(whole) do call('ZADD', budgets, at, name) end
  call('ZREMRANGEBYSCORE', budgets, '-inf', now)
  local last = call('ZRANGE', budgets, -1, -1, 'WITHSCORES')
  if last[2] then call('PEXPIREAT', budgets, last[2]) end
end

-- --- the archive
-- A hash's fields and values, by field: a server changes their order while it makes room for more.
local function by_field(key)
  local fields, names, flat = fields_of(key), {}, {}
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do flat[2 * i - 1], flat[2 * i] = name, fields[name] end
  return flat
end

-- What hashes and lists hold, a table of values each: fields and their values, or items.
local function contents(keys)
  local found = {}
  for i, key in ipairs(keys) do
    local kind = call('TYPE', key).ok
    found[i] = kind == 'hash' and by_field(key) or kind == 'list' and call('LRANGE', key, 0, -1) or {}
  end
  return found
end

-- Any other contents, in whatever way, have another digest.
local function digest(found)
  local parts = {}
  for _, values in ipairs(found) do
    parts[#parts + 1] = #values .. ';'
    for _, value in ipairs(values) do parts[#parts + 1] = #value .. ':' .. value end
  end
  return redis.sha1hex(table.concat(parts))
end

-- Write values by as many calls as it takes: one takes a few thousand.
local function fill(command, key, values)
  for i = 1, #values, 4000 do
    call(command, key, unpack(values, i, math.min(i + 3999, #values)))
  end
end
