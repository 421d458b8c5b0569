-- PUSH: puts jobs at the end of the list that stream.lua hands out.
--
-- KEYS  jobs jn jm as there; jn is the number of the last job
-- ARGV  1 who pushes, a text of its own  2 the number of its call, from 1  3 1: nothing more will be
--       pushed by anyone  4 run_id of the server  5.. items
-- Reply total  how many jobs were ever pushed; or error text
--
-- A call that comes twice is carried out once.
local jobs, jn, jm = KEYS[1], KEYS[2], KEYS[3]
local call = redis.call

if call('EXISTS', jobs) == 0 then call('XGROUP', 'CREATE', jobs, 'g', '0', 'MKSTREAM') end
if call('HEXISTS', jm, 'list') == 0 then
  local time = call('TIME')
  local epoch = time[1] .. '.' .. time[2]
  call('HSET', jm, 'list', epoch, 'epoch', epoch, 'run_id', ARGV[4], 'hold', 0)
end
local field = 'p' .. ARGV[1]
local is_new = tonumber(ARGV[2]) > tonumber(call('HGET', jm, field) or 0)
if is_new then
  if #ARGV > 4 and call('HEXISTS', jm, 'ended') == 1 then
    return redis.error_reply('ENDED the list has ended')
  end
  for i = 5, #ARGV do
    local n = string.format('%.0f', call('INCR', jn))
    call('XADD', jobs, n .. '-0', 'i', ARGV[i])
  end
  call('HSET', jm, field, ARGV[2])
  if ARGV[3] == '1' then call('HSET', jm, 'ended', '1') end
end
for i = 1, 3 do call('PEXPIRE', KEYS[i], 604800000) end
return tonumber(call('GET', jn) or 0)
