-- STREAM: hosts take jobs that were pushed into a stream, settle them, and take over those of hosts
-- that are dead. See push.lua, which fills it.
--
-- KEYS  jobs  stream: entry N-0 is job N, field i its item; group g, whose consumers are the hosts.
--             An entry is deleted where it is settled
--       jm    hash: list (which one this is), ended (1: nothing more will be pushed), mode, done,
--             failed, run_id and epoch (of what the server remembers), hold, seen (up to this number
--             hosts may hold jobs that the server has forgotten to have given them)
--       dead  stream: jobs that hosts died of, again and again; fields n and i
--       ex    zset: host -> when it counts as dead, in µs of the logical clock; kept by
--             SYNC, up to ttl/16 too early
--       st    hash: in `state`, packed, `now`: the logical clock in µs; kept by SYNC
-- ARGV  1 take | restore | leave  2 host  3 the epoch that the host knows, "": none  4 run_id of the
--       server  5 ttl in ms  6 mode, a text that is the same on all hosts  7 jobs wanted  8 the list
--       that the host knows, "": none  9 jobs that the host holds, "1 5-9 ..."  10 jobs that are
--       done, 11 that failed for good, in the same way
-- Reply ok epoch list ended_and_empty done failed hold_ms hosts held [n item]*
--       held: all that the host holds now, "1 5-9 ..."; the items of those only that it does not
--       know, as many as fit: where one is missing, it comes with the next reply. Or
--       restore epoch  the server may have forgotten what it gave: `restore`. Nothing was done.
--       list text      this host cannot take part: its mode is another one
--       gone           the server has lost the list that the host knows
--
-- Any call may come twice, late or never.
local jobs, jm, dead, ex, st = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local op, host, known, run_id, mode = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6]
local ttl = tonumber(ARGV[5]) * 1000
local call = redis.call
-- The delivery of a job that is one too many.
local last_delivery = 5
-- Bytes of items in a reply, but that the first goes in whatever its size.
local most_bytes = 400000

local function str(n) return string.format('%.0f', n) end
local function number_of(id) return tonumber(string.match(id, '^(%d+)')) end

if call('EXISTS', jobs) == 0 then call('XGROUP', 'CREATE', jobs, 'g', '0', 'MKSTREAM') end
local f = call('HMGET', jm, 'list', 'epoch', 'run_id', 'mode', 'hold', 'seen')
local list, epoch, hold, seen = f[1], f[2], tonumber(f[5] or 0), tonumber(f[6] or 0)
local state = call('HGET', st, 'state')
local now = state and cmsgpack.unpack(state)  -- the first of its fields
if not list or f[3] ~= run_id then
  local time = call('TIME')
  epoch = time[1] .. '.' .. time[2]
  -- Of a list that is new nobody can know anything.
  hold = list and -1 or 0
  list = list or epoch
  call('HSET', jm, 'list', list, 'epoch', epoch, 'run_id', run_id, 'hold', hold)
end
if not f[4] then call('HSET', jm, 'mode', mode) end
if (f[4] or mode) ~= mode then return {'list', 'the way in which items are read'} end
if ARGV[8] ~= '' and ARGV[8] ~= list then return {'gone'} end
if known ~= '' and known ~= epoch then return {'restore', epoch} end
if now and (hold < 0 or hold > now + ttl) then
  hold = now + ttl
  call('HSET', jm, 'hold', str(hold))
end

local function each(runs, act)
  for from, to in string.gmatch(runs, '(%d+)%-?(%d*)') do
    for n = tonumber(from), tonumber(to) or tonumber(from) do act(n) end
  end
end
local function settle(runs, field)
  local count = 0
  each(runs, function(n)
    call('XACK', jobs, 'g', str(n) .. '-0')
    count = count + call('XDEL', jobs, str(n) .. '-0')
  end)
  if count > 0 then call('HINCRBY', jm, field, count) end
end
settle(ARGV[10], 'done')
settle(ARGV[11], 'failed')

local is_known = {}
each(ARGV[9], function(n) is_known[n] = true end)
if op == 'restore' then
  for n in pairs(is_known) do
    call('XCLAIM', jobs, 'g', host, 0, str(n) .. '-0', 'FORCE', 'JUSTID')
    seen = math.max(seen, n)
  end
  call('HSET', jm, 'seen', str(seen))
end

local function is_live(name)
  local expiry = call('ZSCORE', ex, name)
  return now and expiry and tonumber(expiry) + ttl / 16 > now
end

-- Delivers up to `count` new jobs; how many of them there were.
local function take_new(count)
  local got = call('XREADGROUP', 'GROUP', 'g', host, 'COUNT', count, 'STREAMS', jobs, '>')
  return got and #got[1][2] or 0
end
-- The same where some of them may be held already: then they stay with who holds them.
local function take_unheld(count)
  local got = 0
  while got < count do
    local last
    for _, group in ipairs(call('XINFO', 'GROUPS', jobs)) do
      local info = {}
      for i = 1, #group, 2 do info[group[i]] = group[i + 1] end
      if info.name == 'g' then last = info['last-delivered-id'] end
    end
    local following = call('XRANGE', jobs, '(' .. last, '+', 'COUNT', 1)[1]
    if not following then return got end
    local id = following[1]
    if number_of(id) > seen then return got + take_new(count - got) end
    local holder = call('XPENDING', jobs, 'g', id, id, 1)[1]
    take_new(1)
    if holder then
      call('XCLAIM', jobs, 'g', holder[2], 0, id, 'JUSTID')
    else
      got = got + 1
    end
  end
  return got
end

local function bury(id)
  local entry = call('XRANGE', jobs, id, id)[1]
  if entry then
    call('XADD', dead, '*', 'n', str(number_of(id)), 'i', entry[2][2])
    call('HINCRBY', jm, 'failed', 1)
  end
  call('XACK', jobs, 'g', id)
  call('XDEL', jobs, id)
end
-- Takes up to `count` jobs of that host; how many.
local function take_from(name, count)
  local got = 0
  for _, entry in ipairs(call('XPENDING', jobs, 'g', '-', '+', count, name)) do
    if entry[4] + 1 >= last_delivery then
      bury(entry[1])
    elseif #call('XCLAIM', jobs, 'g', host, 0, entry[1]) > 0 then
      got = got + 1
    end
  end
  return got
end
local function take_over(count)
  local got = 0
  for _, consumer in ipairs(call('XINFO', 'CONSUMERS', jobs, 'g')) do
    local info = {}
    for i = 1, #consumer, 2 do info[consumer[i]] = consumer[i + 1] end
    if info.name ~= host and not is_live(info.name) then
      if info.pending == 0 then
        call('XGROUP', 'DELCONSUMER', jobs, 'g', info.name)
      elseif got < count then
        got = got + take_from(info.name, count - got)
      end
    end
  end
end

local wanted = tonumber(ARGV[7])
local is_held = hold ~= 0 and (not now or now < hold)
if op ~= 'leave' and wanted > 0 and not is_held and is_live(host) then
  local got = seen > 0 and take_unheld(wanted) or take_new(wanted)
  if got < wanted then take_over(wanted - got) end
end
-- What is left goes to a host that nobody is, and so counts as dead; nobody has died of it.
if op == 'leave' then
  for _, entry in ipairs(call('XPENDING', jobs, 'g', '-', '+', 16000, host)) do
    call('XCLAIM', jobs, 'g', '-', 0, entry[1], 'RETRYCOUNT', entry[4] - 1, 'JUSTID')
  end
  call('XGROUP', 'DELCONSUMER', jobs, 'g', host)
end

for i = 1, 3 do call('PEXPIRE', KEYS[i], 604800000) end

local held, items, bytes = {}, {}, 0
for _, entry in ipairs(call('XPENDING', jobs, 'g', '-', '+', 16000, host)) do
  local n = number_of(entry[1])
  held[#held + 1] = str(n)
  if not is_known[n] and #items < 12000 and bytes < most_bytes then
    local there = call('XRANGE', jobs, entry[1], entry[1])[1]
    if there then
      local item = there[2][2]
      if bytes == 0 or bytes + #item <= most_bytes then
        items[#items + 1] = n
        items[#items + 1] = item
      end
      bytes = bytes + #item + 1
    else
      call('XACK', jobs, 'g', entry[1])
      held[#held] = nil
    end
  end
end
local counts = call('HMGET', jm, 'ended', 'done', 'failed')
local is_over = counts[1] and call('XLEN', jobs) == 0
return {
  'ok', epoch, list, is_over and 1 or 0, tonumber(counts[2] or 0), tonumber(counts[3] or 0),
  is_held and math.ceil(((hold > 0 and now) and hold - now or ttl) / 1000) or 0,
  call('ZCARD', ex), table.concat(held, ' '), items
}
