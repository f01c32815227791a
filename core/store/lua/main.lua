local function flush()
  for key, members in pairs(due) do
    local add, remove = {}, {}
    for member, score in pairs(members) do
      if score then
        add[#add + 1] = token_of(score)
        add[#add + 1] = member
      else
        remove[#remove + 1] = member
      end
    end
    if #add > 0 then call('ZADD', key, unpack(add)) end
    if #remove > 0 then call('ZREM', key, unpack(remove)) end
  end
  local left, happened = {}, {}
  for tag in pairs(woken) do left[#left + 1] = tag end
  for stream, lines in pairs(events) do
    for first = 1, #lines, EVENTS_TOGETHER do
      local last = math.min(first + EVENTS_TOGETHER - 1, #lines)
      local packed = table.concat(lines, '\n', first, last)
      call('XADD', stream, 'MAXLEN', '~', EVENT_ENTRIES_MAX, '*', 'e', packed)
    end
    happened[#happened + 1] = tag_of(stream)
  end
  if #left + #happened > 0 then
    call('PUBLISH', WAKE, table.concat(left, ' ') .. '|' .. table.concat(happened, ' '))
  end
end

local replies = {}
for i, op in ipairs(cmsgpack.unpack(ARGV[1])) do
  local before, count = op[2], op[3]
  made = nil
  local ok, reply = pcall(ops[op[1]], {unpack(KEYS, before + 1, before + count)}, unpack(op, 4))
  if not ok then
    unclaim()
    reply = redis.error_reply(type(reply) == 'table' and reply.err or 'ERR ' .. tostring(reply))
  end
  replies[i] = reply
end
flush()
return replies
