-- STEER: a person looks at a fleet, or pauses it or sets its limits by hand, until that is taken
-- back or the fleet's state is lost.
--
-- KEYS: st hs ex, as of sync.lua, which reads from st what is set here. ARGV:
--
--   status                     pause, us (-1: until resumed)     resume     set, field, value, ...
--
-- Times are of the fleet's logical clock, which stands still while no host calls. Of its age no
-- more is counted than the next call could add, half a ttl. How long ago a host was heard is told
-- by the server's clock.

local op = ARGV[1]
local most_hosts = 1000

local stored = redis.call('HMGET', KEYS[1], 'state', 'config', 'pause_until', 'set_limit',
  'set_rate_n', 'set_rate_us', 'set_budget_n')
if not stored[1] or not stored[2] then return {'none'} end
local S = {cmsgpack.unpack(stored[1])}
local hand = {}
for i = 3, 7 do hand[i - 2] = tonumber(stored[i] or 0) end
local pause_until = hand[1]

local time = redis.call('TIME')
local age = math.max(0, tonumber(time[1]) * 1000000 + tonumber(time[2]) - S.wall)
local now = S.now + math.floor(math.min(age, S.ttl / 2))

local function whole(x) return string.format('%.0f', x) end

-- 0 closed, 1 open, 2 half-open, and how long it is open still.
local function circuit()
  if S.circuit == 0 then return 0, 0 end
  if now < S.circuit_until then return 1, S.circuit_until - now end
  return 2, 0
end

if op == 'status' then
  local pause_us = pause_until < 0 and -1 or math.max(0, math.max(S.pause, pause_until) - now)
  local circuit_state, circuit_us = circuit()
  local reply = {
    'ok', math.max(0, S.warm - now), pause_us, circuit_state, circuit_us, S.ttl, S.limit, S.rate_n, S.rate_us, S.budget_n, S.budget_us, hand[2], hand[3],
    hand[4], hand[5], S.sum, S.generation, redis.call('ZCARD', KEYS[3])
  }
  for _, id in ipairs(redis.call('ZREVRANGE', KEYS[3], 0, most_hosts - 1)) do
    local line = redis.call('HGET', KEYS[2], id)
    if line then
      local h = {cmsgpack.unpack(string.sub(line, string.match(line, '^%S+ %S+ %S+ ()')))}
      local heard = math.max(0, S.now + S.ttl - h.expiry) + age
      for _, item in ipairs({id, h.held, h.wants, heard}) do reply[#reply + 1] = item end
    end
  end
  return reply
end

if op == 'pause' then
  local us = tonumber(ARGV[2])
  if pause_until >= 0 then
    pause_until = us < 0 and -1 or math.max(pause_until, now + us)
    redis.call('HSET', KEYS[1], 'pause_until', whole(pause_until))
  end
  return {'ok', pause_until < 0 and -1 or pause_until - now}
end

if op == 'resume' then
  local was_paused = pause_until < 0 or pause_until > now
  redis.call('HDEL', KEYS[1], 'pause_until')
  return {'ok', was_paused and 1 or 0, math.max(0, S.pause - now)}
end

if op == 'set' then
  -- Of what they were not given hosts ask for nothing, and it would hold none of them.
  for i = 2, #ARGV, 2 do
    if ARGV[i] == 'set_budget_n' and S.ttl > 0 and S.budget_n == 0 then return {'no budget'} end
    if ARGV[i] == 'set_rate_n' and S.ttl > 0 and S.rate_n == 0 then return {'no rate'} end
  end
  for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
  return {'ok'}
end

return redis.error_reply('ERR STEER does not know what to do')
