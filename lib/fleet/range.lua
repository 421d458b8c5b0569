-- RANGE: hosts that read the same list lease ranges of its items, settle items, and give ranges
-- back.
--
-- KEYS  r   hash: next (the first number that was not leased yet), end (the number of items, where
--           one host has read so far), done and failed (how many are settled, and how many of them
--           failed for good), mode, end_digest, c1..c2048 and k0..k63 (digests of the list, see
--           job_range.h), run_id and epoch (of what the server remembers), hold
--       rl  hash: host -> its ranges, "first count first count ..."
--       rf  zset: ranges given back, "first count" by first
--       dn  bitmap: bit n - 1 is set where item n is settled
--       ex  zset: host -> when it counts as dead, in µs of the logical clock; kept by
--             SYNC, up to ttl/16 too early
--       st  hash: in `state`, packed, `now`: the logical clock in µs; kept by SYNC
-- ARGV  1 take | restore | leave  2 host  3 the epoch that the host knows, "": none  4 run_id of the
--       server  5 ttl in ms  6 mode, a text that is the same on all hosts  7 items wanted
--       8 1: list what is outstanding elsewhere  9 the number of items, "": not known  10 the digest
--       of them all, "": not known  11 digests on the way, "n:digest ..."  12 items that are done,
--       "1 5-9 ..."  13 items that failed for good
--       restore only, what the host knew: 14 next  15 its ranges  16 ranges outstanding elsewhere
-- Reply ok epoch next end(-1: not known) done failed over hold_ms [first count bits]* elsewhere
--       with the ranges that the host holds now, all of them, so that it may have missed any reply;
--       bits are the bytes of dn that hold the range. Or
--       restore epoch  the server has lost what it knew: tell it with `restore`. Nothing was done.
--       list text      this host's list is another one
--
-- A call may come twice, late or never: what is settled stays so, and a range that was granted in
-- a reply that was lost is listed again in the next.
local r, rl, rf, dn, ex, st = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local op, host, known, run_id, mode = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6]
local ttl = tonumber(ARGV[5]) * 1000
local call = redis.call

local function str(n) return string.format('%.0f', n) end

local f = call('HMGET', r, 'epoch', 'run_id', 'mode', 'hold', 'next', 'end', 'done', 'failed')
local epoch, hold = f[1], tonumber(f[4] or -1)
local next_item, last_item = tonumber(f[5] or 1), tonumber(f[6] or nil)
local done, failed = tonumber(f[7] or 0), tonumber(f[8] or 0)
local state = call('HGET', st, 'state')
local now = state and cmsgpack.unpack(state)  -- the first of its fields

-- What was known may be lost, or older than what hosts have been told: for one ttl they tell it,
-- and nothing is granted.
if f[2] ~= run_id then
  local time = call('TIME')
  epoch, hold = time[1] .. '.' .. time[2], -1
  call('HSET', r, 'epoch', epoch, 'run_id', run_id, 'hold', -1)
  if not f[3] then call('HSET', r, 'mode', mode) end
end
if (f[3] or mode) ~= mode then return {'list', 'the way in which items are read'} end
if known ~= '' and known ~= epoch then return {'restore', epoch} end
if now and (hold < 0 or hold > now + ttl) then
  hold = now + ttl
  call('HSET', r, 'hold', str(hold))
end

-- The list is the same as that of the others, as far as both have read.
local function other_list(first_numbers)
  return {'list', 'their first ' .. first_numbers .. ' items'}
end
if ARGV[9] ~= '' then
  local count, digest = tonumber(ARGV[9]), ARGV[10]
  if last_item and last_item ~= count then
    return {'list', 'their length: ' .. str(last_item) .. ' items and ' .. str(count)}
  end
  if digest ~= '' then
    if (call('HGET', r, 'end_digest') or digest) ~= digest then return other_list(ARGV[9]) end
    call('HSET', r, 'end_digest', digest)
  end
  last_item = count
  call('HSET', r, 'end', ARGV[9])
end
for n, digest in string.gmatch(ARGV[11], '(%d+):(%x+)') do
  local at = tonumber(n)
  if last_item and at > last_item then
    return {'list', 'their length: ' .. str(last_item) .. ' items and ' .. n .. ' or more'}
  end
  local field = at < 4096 and 'c' .. n or 'k' .. str(at / 4096 % 64)
  local there_at, there = string.match(call('HGET', r, field) or '', '(%d+):(%x+)')
  if there_at == n and there ~= digest then return other_list(n) end
  if not there_at or tonumber(there_at) < at then call('HSET', r, field, n .. ':' .. digest) end
end

local function ranges(text)
  local list = {}
  for first, count in string.gmatch(text or '', '(%d+) (%d+)') do
    list[#list + 1] = {tonumber(first), tonumber(count)}
  end
  return list
end
local function text_of(range) return str(range[1]) .. ' ' .. str(range[2]) end
local function last_of(range)
  return math.min(range[1] + range[2] - 1, last_item or math.huge)
end

-- Bits beyond the end of the string would not count as unset. A string that SETBIT makes longer
-- takes up to twice its size; one that is set anew takes what it needs.
local function reach(last)
  local size = call('STRLEN', dn)
  if size * 8 >= last then return end
  local wanted = math.ceil(last / 8)
  local ahead = math.floor(size * 33 / 32)
  if last_item then ahead = math.min(ahead, math.ceil(last_item / 8)) end
  local bits = call('GET', dn) or ''
  call('SET', dn, bits .. string.rep('\0', math.max(wanted, ahead) - size))
end
-- Something of it is left to do.
local function is_open(range)
  local last = last_of(range)
  if last < range[1] then return false end
  reach(last)
  return call('BITPOS', dn, 0, str(range[1] - 1), str(last - 1), 'BIT') >= 0
end
local function give_back(range)
  if is_open(range) then call('ZADD', rf, str(range[1]), text_of(range)) end
end
local function is_live(name)
  local expiry = call('ZSCORE', ex, name)
  return now and expiry and tonumber(expiry) + ttl / 16 > now
end

local mine = ranges(call('HGET', rl, host))

-- Sets the bits of items `from` to `to`.
local function fill(from, to)
  if from <= to then reach(to) end
  while from <= to and (from - 1) % 8 ~= 0 do
    call('SETBIT', dn, str(from - 1), 1)
    from = from + 1
  end
  local bytes = math.floor((to - from + 1) / 8)
  if bytes > 0 then
    call('SETRANGE', dn, str((from - 1) / 8), string.rep('\255', bytes))
    from = from + bytes * 8
  end
  for n = from, to do call('SETBIT', dn, str(n - 1), 1) end
end

-- All that was leased before the host's last reply is done but for what was outstanding then.
if op == 'restore' then
  local held, elsewhere = ranges(ARGV[15]), ranges(ARGV[16])
  local next_then = tonumber(ARGV[14])
  local has = {}
  for _, range in ipairs(mine) do has[text_of(range)] = true end
  for _, range in ipairs(held) do
    call('ZREM', rf, text_of(range))
    if not has[text_of(range)] then mine[#mine + 1] = range end
    has[text_of(range)] = true
  end
  local all = call('HVALS', rl)
  for _, text in ipairs(all) do
    for _, range in ipairs(ranges(text)) do has[text_of(range)] = true end
  end
  local left = {}
  for _, range in ipairs(held) do left[#left + 1] = range end
  for _, range in ipairs(elsewhere) do left[#left + 1] = range end
  table.sort(left, function(a, b) return a[1] < b[1] end)
  local from = 1
  next_item = math.max(next_item, next_then)
  for _, range in ipairs(left) do
    fill(from, math.min(range[1], next_then) - 1)
    from = math.max(from, range[1] + range[2])
    next_item = math.max(next_item, from)
  end
  fill(from, math.min(next_then - 1, last_item or math.huge))
  for _, range in ipairs(elsewhere) do
    if not has[text_of(range)] then give_back(range) end
  end
  done = call('BITCOUNT', dn)
  call('HSET', r, 'next', str(next_item))
end

local function settle(list, is_failure)
  for from, to in string.gmatch(list, '(%d+)%-?(%d*)') do
    from, to = tonumber(from), tonumber(to) or tonumber(from)
    reach(to)
    local new = to - from + 1 - call('BITCOUNT', dn, str(from - 1), str(to - 1), 'BIT')
    fill(from, to)
    done = done + new
    if is_failure then failed = failed + new end
  end
end
settle(ARGV[12], false)
settle(ARGV[13], true)

local held = {}
for _, range in ipairs(mine) do
  if op == 'leave' then
    give_back(range)
  elseif is_open(range) then
    held[#held + 1] = range
  end
end

local function take_given_back()
  while true do
    local first = call('ZPOPMIN', rf)
    if not first[1] then return nil end
    local range = ranges(first[1])[1]
    if is_open(range) then return range end
  end
end
-- What a host has done in an earlier run is settled before anyone has leased it.
local function take_new(count)
  local size = call('STRLEN', dn) * 8
  if next_item <= size then
    local open = call('BITPOS', dn, 0, str(next_item - 1), str(size - 1), 'BIT')
    next_item = open < 0 and size + 1 or open + 1
    if last_item then next_item = math.min(next_item, last_item + 1) end
  end
  if last_item then
    -- Towards the end all hosts shall have some.
    local share = math.ceil((last_item - next_item + 1) / (2 * math.max(1, call('ZCARD', ex))))
    count = math.min(count, math.max(1, share), last_item - next_item + 1)
  end
  if count < 1 then return nil end
  local range = {next_item, count}
  next_item = next_item + count
  return range
end
-- Gives back what dead hosts hold.
local function reclaim()
  local all = call('HGETALL', rl)
  for i = 1, #all, 2 do
    if all[i] ~= host and not is_live(all[i]) then
      for _, range in ipairs(ranges(all[i + 1])) do give_back(range) end
      call('HDEL', rl, all[i])
    end
  end
end
-- Nothing is outstanding any more.
local function is_settled()
  return last_item and next_item > last_item and #held == 0 and call('ZCARD', rf) == 0 and
             call('HLEN', rl) == (call('HEXISTS', rl, host))
end
-- What nobody holds and nobody has done was lost by the server.
local function take_lost()
  if not is_settled() or done >= last_item then return nil end
  reach(last_item)
  local from = call('BITPOS', dn, 0, 0, str(last_item - 1), 'BIT')
  if from < 0 then return nil end
  local to = call('BITPOS', dn, 1, str(from), str(math.min(from + 1023, last_item - 1)), 'BIT')
  if to < 0 then to = math.min(from + 1024, last_item) end
  return {from + 1, to - from}
end

local wanted = tonumber(ARGV[7])
local is_held = not now or hold < 0 or now < hold
if op ~= 'leave' and wanted > 0 and not is_held and is_live(host) then
  local range = take_given_back() or take_new(wanted)
  if not range then
    reclaim()
    range = take_given_back() or take_lost()
  end
  held[#held + 1] = range
end

local texts = {}
for i, range in ipairs(held) do texts[i] = text_of(range) end
if #texts > 0 then
  call('HSET', rl, host, table.concat(texts, ' '))
else
  call('HDEL', rl, host)
end
call('HSET', r, 'next', str(next_item), 'done', str(done), 'failed', str(failed))
for i = 1, 4 do call('PEXPIRE', KEYS[i], 86400000) end

local listed = {}
for _, range in ipairs(held) do
  local last = last_of(range)
  reach(last)
  listed[#listed + 1] = range[1]
  listed[#listed + 1] = range[2]
  listed[#listed + 1] = call('GETRANGE', dn, str(math.floor((range[1] - 1) / 8)),
                             str(math.floor((last - 1) / 8)))
end
local elsewhere = false
if ARGV[8] == '1' then
  local parts = call('ZRANGE', rf, 0, -1)
  local all = call('HGETALL', rl)
  for i = 1, #all, 2 do
    if all[i] ~= host then parts[#parts + 1] = all[i + 1] end
  end
  elsewhere = table.concat(parts, ' ')
end
local is_over = last_item and done >= last_item
return {
  'ok', epoch, next_item, last_item or -1, done, failed, is_over and 1 or 0,
  is_held and math.ceil(((hold > 0 and now) and hold - now or ttl) / 1000) or 0, listed, elsewhere
}
