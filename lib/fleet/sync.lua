-- SYNC: one host of a fleet renews, takes, gives back and reports, in one step that nothing divides.
-- sync_call.h says what each argument and each item of the reply is.
--
-- Clock. What all times are measured by is not the server's clock, which may be set, but
--
--   now = now + min(max(0, TIME - wall), ttl/2)   and no later than the host can tell that it is:
--
-- the `now` of its last reply, and the time since it sent that call. What that holds back, 1 s at
-- most, is made up for where a later call lets it: on its way a call may have been slow. Where it is
-- more than 0.5 s the clock was set: the call before may have been slow, and so it is 1 s earlier.
-- What is not made up for is `lost`, also to those who were told of a time before: made up for at
-- once, where the clock is set, it would end leases early. In a host's first call, or where its last
-- reply did not reach it, the clock moves on by 0.5 s at most. So a step neither ends a lease nor
-- makes a token.
--
-- Slots. A host says what it holds, and is believed. It gets no more than is free:
--
--   granted <= limit - what others hold - what it holds
--
-- and while others lack some, no more than its share = max(limit / active, (limit - content) /
-- hungry), rounded down: active hosts hold or want something, content ones were given all they
-- wanted, hungry ones were not. What the rounding leaves goes round: one slot a host a round, see
-- the queue. A slot that changes hands lies idle until the next one asks for it, and so this is
-- rare: who holds one slot more than its share keeps it for a second, unless somebody
-- has less than the share; and no more slots are asked back than are lacked and not on their way.
--
-- Permits. GCRA (limiters.lua), for rate and budget each. A permit may be told up to 100 ms before
-- it is due, so that none is lost on the way; the host uses it within 500 ms of asking, not before
-- it is due. So within any time t no more than  burst + rate * (t + 0.5 s)  starts.
--
-- Costs. An overrun is debited. A surplus is given back, but no more than the least debt since that
-- job started: then the debt is what it would be, had the job cost that in the first place.
--
-- The law. Overload that was said, or log-odds of all hosts that add up to 6, cuts limit and rate
-- to what was accepted, not below half, once a generation: what a host reports of attempts that
-- started in an earlier one counts for nothing. One made on odds alone is on trial: where as large a
-- share fails after it, it is taken back, and for a minute failures count for nothing. Each grows
-- again as  ceiling * g(a),  a = successes while it was what bound, A = 25 to 100 (knob.h has it for
-- one host):
--
--   g = 1 + 0.03 (a/A - 1)^3  up to a = 2A,   1.03 * 2^(2 (a/A - 2))  beyond
--
-- Circuit. Where one host opens it, it is open for all; then as many probes go out as one host
-- would send. A success closes it, a failure opens it for twice as long, up to five times; after three
-- failed ones in a row, with no overload said, it is left to each host's own circuit for a minute.
--
-- Each call makes all functions anew: those that are rarely needed are made where they are needed.
--
-- All is computed first and written at the end, the hash of the state before the rest: a server
-- that refuses to write refuses that, and nothing is half done.

local ahead = 100000        -- permits are told so long before they are due
local permit_life = 500000  -- and used no later than so long after the host asked
local slowest_call = 1000000
local ask_least = 5000      -- a host that waits asks again no sooner
local ask_calmly = 50000    -- so it does where it has its share and more
local ask_most = 250000
local term = 1000000        -- so long a host keeps what the rounding left
local most_kept = 50000     -- so long a slot lies free, at most, for those whose turn it is
local ask_spacing = 500     -- all that wait together ask 2,000 times a second
local ask_unknown = 1000000
local no_cap = 1000000
local most_dead = 100       -- so many leases end in one call
local odds_enough = 6000
local patience_least, patience_most = 25, 100
local least_rate = 0.1      -- a second; the law leaves so much, or what is configured
local distrust = 60000000    -- so long failures count for nothing where they were not the load's
local growth_time = 10000000  -- in which growth counts as a whole patience at least
local least_known = 16

if #KEYS ~= 3 or #ARGV ~= 33 then
  return redis.error_reply('ERR SYNC takes 3 keys and 33 arguments')
end
local st_key, hs_key, ex_key = KEYS[1], KEYS[2], KEYS[3]
local op, host, run_id, config = ARGV[1], ARGV[2], ARGV[4], ARGV[6]
local A = {}
for i = 7, 33 do A[i] = ARGV[i] + 0 end  -- faster than tonumber
A[3], A[5] = ARGV[3] + 0, ARGV[5] + 0
local seq, ttl = A[3], A[5] * 1000
local held, want, starts = A[14], A[15], A[16]
local told = A[32]
local leaves = op == 'leave'
if leaves then held, want, starts = 0, 0, 0 end

local function whole(x) return string.format('%.0f', x) end

local function clamp(x, least, most) return math.max(least, math.min(x, most)) end

-- ---------------------------------------------------------------------------------------------
-- What is stored. The hash of the state has `config` and `run_id`, what was set by hand (`pause_until`,
-- -1: until that is taken back; `set_limit`, `set_rate_n`, `set_rate_us`, `set_budget_n`), and in `state`
-- all the rest, S, packed, since packing is fast. A host is what it holds, its last sequence number
-- and when its lease ends, for people; and all of it packed. What fields they have is in state.fields.

local function zeros(n)
  local list = {}
  for i = 1, n do list[i] = 0 end
  return list
end

local function state_of(packed)
  if packed then return {cmsgpack.unpack(packed)} end
  local S = zeros(fields_of_S)
  S.slot_queue, S.start_queue = zeros(fields_of_queue), zeros(fields_of_queue)
  S.limit_law, S.rate_law = zeros(fields_of_law), zeros(fields_of_law)
  S.rate_bucket, S.cost_bucket, S.cost_least = zeros(fields_of_bucket), zeros(fields_of_bucket), {}
  return S
end

local function host_of(line)
  if line then return {cmsgpack.unpack(string.sub(line, string.match(line, '^%S+ %S+ %S+ ()')))} end
  local h = zeros(fields_of_h)
  h.slot_place, h.start_place = zeros(fields_of_place), zeros(fields_of_place)
  return h
end

local function line_of(h)
  return string.format('%.0f %.0f %.0f ', h.held, h.seq, h.expiry) .. cmsgpack.pack(unpack(h))
end

local hand_fields = {'pause_until', 'set_limit', 'set_rate_n', 'set_rate_us', 'set_budget_n'}
local stored = redis.call('HMGET', st_key, 'state', 'config', 'run_id', unpack(hand_fields))
local S = state_of(stored[1])
local their_config, their_run_id = stored[2], stored[3]
local hand = {}
for i, field in ipairs(hand_fields) do hand[field] = tonumber(stored[i + 3] or 0) end

-- ---------------------------------------------------------------------------------------------
-- Who waits, for a share of slots and what the rounding leaves, and for starts: `waiting` hosts, of
-- which `pending` have not been served in this `round`, and `ahead` have been served twice. Those go
-- first who have been served less. A host's `place` in a queue: whether it waits, and its round.

local function count_in(queue, place, by)
  queue.waiting = queue.waiting + by
  if place.round < queue.round then
    queue.pending = queue.pending + by
  elseif place.round > queue.round then
    queue.ahead = queue.ahead + by
  end
  place.waits = math.max(0, by)
end

-- Whether a host that is in no queue now may have one of so many, and leave enough for those who
-- go first.
local function has_turn(queue, place, free)
  if place.round < queue.round then return true end
  return free > (place.round == queue.round and queue.pending or queue.waiting - queue.ahead)
end

local function serve(queue, place)
  if place.round >= queue.round and queue.pending == 0 then
    queue.round = queue.round + 1
    queue.pending, queue.ahead = queue.waiting - queue.ahead, 0
  end
  place.round = place.round < queue.round and queue.round or queue.round + 1
end

-- What the sums contain of a host is taken out of them.
local function take_out(h)
  if h.hungry == 1 then S.hungry, S.hungry_held = S.hungry - 1, S.hungry_held - h.held end
  if h.slot_place.waits == 1 then count_in(S.slot_queue, h.slot_place, -1) end
  if h.start_place.waits == 1 then count_in(S.start_queue, h.start_place, -1) end
  S.sum, S.lacked, S.coming = S.sum - h.held, S.lacked - h.lacks, S.coming - h.coming
  S.short = S.short - h.short
  S.wanting = S.wanting - h.wants
  if h.held > 0 or h.wants > 0 then S.active = S.active - 1 end
  if h.generation == S.generation then S.odds = S.odds - h.odds end
end

local function put_in(h)
  S.sum, S.lacked, S.coming = S.sum + h.held, S.lacked + h.lacks, S.coming + h.coming
  S.short = S.short + h.short
  S.wanting = S.wanting + h.wants
  if h.held > 0 or h.wants > 0 then S.active = S.active + 1 end
  if h.hungry == 1 then S.hungry, S.hungry_held = S.hungry + 1, S.hungry_held + h.held end
  if h.generation == S.generation then S.odds = S.odds + h.odds end
end

-- ---------------------------------------------------------------------------------------------
-- Clock, loss of state, configuration, dead hosts

local time = redis.call('TIME')
local wall = tonumber(time[1]) * 1000000 + tonumber(time[2])

local line = redis.call('HGET', hs_key, host)
local known = line and true or false
local h = host_of(line)

if S.now == 0 then
  S.now, S.born = wall, wall
else
  local elapsed = math.max(0, wall - S.wall) + S.held_back
  local passed, most = clamp(wall - S.wall, 0, ttl / 2), permit_life
  if known and told >= S.born and told <= S.now then
    most = math.max(0, told + A[33] - (S.lost - h.lost) - S.now)
    if told ~= h.told then most = math.min(most, permit_life) end
    if passed - most > permit_life then
      most, S.held_back = most - slowest_call, 0
    else
      passed = passed + S.held_back
      S.held_back = clamp(passed - most, 0, slowest_call)
    end
  end
  -- No two calls have the same time.
  local moved = math.max(1, math.floor(math.min(passed, most)))
  S.now, S.lost = S.now + moved, S.lost + math.max(0, elapsed - moved - S.held_back)
end
S.wall = wall

-- A server that starts anew may have forgotten the last moments, and one of the keys may be gone.
local is_broken = not their_config or S.hosts ~= redis.call('ZCARD', ex_key) or
                      S.hosts ~= redis.call('HLEN', hs_key)
local other_config = their_config and their_config ~= config
if other_config and A[7] ~= 1 then return {'config', their_config} end

local forgotten, warmed = other_config or is_broken, false
if forgotten or their_run_id ~= run_id then
  -- All begins anew; the clock goes on.
  local function forget_all()
    local now = S.now
    S = state_of(nil)
    S.now, S.born, S.wall = now, now, wall
    for _, field in ipairs(hand_fields) do hand[field] = 0 end
    known, h = false, host_of(nil)
  end

  -- Nobody is given anything until all hosts had the time to say what they hold.
  local function warm_up()
    warmed = true
    S.warm = S.now + math.max(ttl, 2 * permit_life)
    -- The buckets are empty until then: a debt larger than any bucket is cut to it.
    S.drained, S.rate_bucket.debt, S.cost_bucket.debt = S.warm, most_debt, most_debt
  end

  if forgotten then forget_all() end
  warm_up()
end
local now = S.now

if known and seq <= h.seq then return {'stale'} end

local dead, alive = {}, {}

-- Nobody's lease ends before S.next_end, since leases are only made longer. It ends up to ttl/16
-- after the time in the zset, which is not written in every call.
if not forgotten and now >= S.next_end then
  S.next_end = now + ttl
  local over = redis.call('ZRANGEBYSCORE', ex_key, '-inf', whole(now), 'LIMIT', 0, most_dead)
  for _, id in ipairs(over) do
    if id ~= host then
      local other = host_of(redis.call('HGET', hs_key, id))
      if other.expiry > now then
        alive[#alive + 1], alive[#alive + 2] = whole(other.expiry), id
        S.next_end = math.min(S.next_end, other.expiry)
      else
        take_out(other)
        if other.circuit == S.circuit then
          S.circuit_probes = S.circuit_probes - other.probes
        end
        S.hosts = S.hosts - 1
        dead[#dead + 1] = id
      end
    end
  end
  local first = redis.call('ZRANGEBYSCORE', ex_key, '(' .. whole(now), '+inf', 'WITHSCORES',
                           'LIMIT', 0, 1)
  if first[2] then S.next_end = math.min(S.next_end, first[2] + 0) end
  if #over == most_dead then S.next_end = now end
end

-- ---------------------------------------------------------------------------------------------
-- The limits in force: those configured, or set by hand, and the law's below them

-- What the law makes of what is configured (0: no limit). Past all that there was, it is lifted.
local function in_force(law, configured)
  if law.ceiling == 0 then return configured end
  local x, factor = law.growth / law.patience - 1, 1.03
  if x <= 1 then
    factor = 1 + 0.03 * x * x * x
  else
    factor = 1.03 * 2 ^ math.min(20, 2 * (x - 1))
  end
  local value = law.ceiling * factor
  if value < (configured > 0 and configured or 4 * law.peak) then return value end
  if law.growth > law.patience then
    law.ceiling, law.growth, law.patience, law.peak, law.grown = 0, 0, 0, 0, 0
  end
  return configured
end

local function limit_in_force()
  return math.ceil(in_force(S.limit_law, hand.set_limit > 0 and hand.set_limit or A[8]) - 1e-9)
end

local rate_n = hand.set_rate_n > 0 and hand.set_rate_n or A[9]
local rate_us = hand.set_rate_n > 0 and hand.set_rate_us or A[10]
local budget_n, budget_us = A[12], A[13]
if budget_n > 0 and hand.set_budget_n > 0 then budget_n = hand.set_budget_n end

-- Starts cost so much a second at most. The period grows, so that the units of a debt stay.
local function rate_period()
  if S.rate_law.ceiling == 0 then return rate_us end
  local value = in_force(S.rate_law, rate_n * 1e6 / rate_us)
  local period = math.max(rate_us, math.ceil(rate_n * 1e6 / value))
  -- Small steps are not worth a change of units.
  if math.abs(period - S.rate_period) < 0.005 * period and period > rate_us then
    return S.rate_period
  end
  return period
end

-- ---------------------------------------------------------------------------------------------
-- The meters of rate and budget

local function meter(bucket, cost, n, t, b)
  local m = gcra(n, t, b)
  m.debt = bucket.debt
  if m.debt == most_debt then
    m.debt = m.b * m.t
  elseif bucket.unit > 0 and bucket.unit ~= m.t then
    m.debt = math.ceil(m.debt / bucket.unit * m.t)
  end
  gcra_pass(m, math.max(0, now - S.drained))
  m.cost = cost
  return m
end

local rate, cost
local meters = {}

local function set_up_meters()
  if rate_n > 0 then
    S.rate_period = rate_period()
    rate = meter(S.rate_bucket, A[17], rate_n, S.rate_period, math.max(1, A[11]))
    meters[1] = rate
  end
  if budget_n > 0 then
    cost = meter(S.cost_bucket, A[18], budget_n, budget_us, budget_n)
    meters[#meters + 1] = cost
  end
  S.drained = math.max(S.drained, now)
end

-- Over all meters, that which allows least.
local function starts_within(us)
  local n = starts
  for _, m in ipairs(meters) do n = math.min(n, gcra_starts(m, m.cost, us)) end
  return n
end

local function longest_wait()
  local wait = 0
  for _, m in ipairs(meters) do wait = math.max(wait, gcra_wait(m, math.min(m.cost, m.b))) end
  return wait
end

local function spacing()
  local us = 0
  for _, m in ipairs(meters) do us = math.max(us, math.ceil(m.cost * m.t / m.n)) end
  return us
end

-- ---------------------------------------------------------------------------------------------
-- What the host reports

-- How much a total has risen since the host's last call; a new host begins with what it says.
local function risen(before, total) return known and math.max(0, total - before) or 0 end

local ok, overload, failed, opened
local fresh = A[19] == S.generation  -- what it learnt is of attempts in this generation

local function settle_costs()
  local over, under = risen(h.overrun, A[23]), risen(h.surplus, A[24])
  h.overrun, h.surplus = A[23], A[24]
  if not cost then return end

  local least = S.cost_least
  -- The least debt of the budget from any time on: a list of {time, debt}, in which both rise;
  -- the least debt after a time is that of the first entry after it. Where there are too many,
  -- those two that differ least become one that is no more than either.
  local function drop_larger(i)
    while i > 1 and least[i - 1][2] >= least[i][2] do
      table.remove(least, i - 1)
      i = i - 1
    end
  end

  local function note_least()
    least[#least + 1] = {now, cost.debt}
    drop_larger(#least)
    if #least <= least_known then return end
    local nearest = 1
    for i = 2, #least - 1 do
      local here, there = least[i + 1][2] - least[i][2], least[nearest + 1][2] - least[nearest][2]
      if here < there then nearest = i end
    end
    least[nearest][1] = least[nearest + 1][1]
    table.remove(least, nearest + 1)
  end

  local function give_back(debt, since)
    local first = 1
    while first <= #least and least[first][1] <= since do first = first + 1 end
    if first > #least then return end
    debt = math.min(debt, least[first][2], cost.debt)
    for i = first, #least do least[i][2] = least[i][2] - debt end
    drop_larger(first)
    cost.debt = cost.debt - debt
  end

  note_least()
  if over > 0 then gcra_take(cost, over) end
  if under > 0 and A[25] >= S.born then give_back(under * cost.t, A[25]) end
end

-- Successes a second: in this second and the one before.
local function count_successes()
  if now - S.second >= 1000000 then
    S.last_second = now - S.second < 2000000 and S.second or now - 1000000
    S.last_ok = now - S.second < 2000000 and S.second_ok or 0
    S.second, S.second_ok = now, 0
  end
  S.second_ok = S.second_ok + ok
end

-- Attempts that have started count for nothing any more.
local function new_generation()
  S.generation = S.generation + 1
  S.odds, h.odds, fresh = 0, 0, false
  S.law_ok, S.law_failed = 0, 0
end

local function successes_a_second()
  local span = math.max(now - S.last_second, 100000)
  return (S.last_ok + S.second_ok) * 1e6 / span
end

local function grow_by_law(limit, sum_before)
  local function grow(law, in_flight)
    if law.ceiling == 0 then return end
    local timed = law.patience * clamp((now - law.grown) / growth_time, 0, 1)
    local a = math.min(math.max(ok, timed), math.max(0, law.patience - law.growth))
    -- Past the ceiling it doubles no sooner than in a round of attempts, or in a second.
    local beyond = math.max(0, ok - a) * math.min(1, 0.5 * law.patience / math.max(1, in_flight))
    law.growth, law.grown = law.growth + a + beyond, now
  end

  local in_flight = math.max(sum_before, successes_a_second())
  if limit > 0 and sum_before >= limit then grow(S.limit_law, in_flight) end
  if S.start_queue.waiting > 0 then grow(S.rate_law, in_flight) end
end

local function cut_by_law(limit, sum_before, said)
  -- Half of what was in use is left, g(0) included, and `least` in any case.
  local function cut(law, accepted, in_use, least)
    local new = math.max(clamp(accepted, in_use / (2 * 0.97), in_use), math.min(least / 0.97, in_use))
    if law.ceiling > 0 and law.growth > law.patience and new >= 0.8 * law.ceiling and
        law.ceiling <= in_use then
      law.patience = math.min(2 * law.patience, patience_most)
    else
      law.ceiling, law.patience = new, patience_least
    end
    law.peak = math.max(law.peak, in_use)
    law.growth, law.grown = 0, now
  end

  -- A cut made on plain failures is on trial: where as many of the attempts fail after it, the load
  -- was not why, it is taken back, and failures count for nothing for a while.
  local function is_refuted()
    local share = S.law_failed / math.max(1, S.law_failed + S.law_ok)
    if S.trial == 1 and share >= 0.7 * S.trial_share then return true end
    S.trial, S.trial_share = 1, share
    S.limit_law.trial, S.rate_law.trial = S.limit_law.ceiling, S.rate_law.ceiling
    return false
  end

  local function take_back()
    for _, law in ipairs({S.limit_law, S.rate_law}) do
      law.ceiling, law.peak, law.growth = law.trial, law.trial, 0
      law.patience, law.grown = patience_least, now
    end
    S.trial, S.trusts_jobs_after = 0, now + distrust
    new_generation()
  end

  if said then
    S.trial = 0
  elseif is_refuted() then
    return take_back()
  end
  local in_use = limit > 0 and math.min(limit, sum_before) or sum_before
  if in_use > 1 then
    cut(S.limit_law, math.min(in_use - 1, in_use - overload), in_use, 1)
  end
  if rate_n > 0 then
    local now_rate = rate_n * 1e6 / (S.rate_period > 0 and S.rate_period or rate_us)
    local accepted = successes_a_second() * math.max(1, A[17])
    cut(S.rate_law, math.min(accepted, 0.95 * now_rate), now_rate, least_rate)
  end
  new_generation()
end

local function apply_law(sum_before)
  if A[31] ~= 1 or S.generation == 0 then return end
  if fresh then S.law_ok, S.law_failed = S.law_ok + ok, S.law_failed + failed end
  local said = overload > 0 and fresh
  local odds = S.odds + (fresh and A[22] or 0)
  if said or (odds >= odds_enough and now >= S.trusts_jobs_after) then
    cut_by_law(limit_in_force(), sum_before, said)
  elseif fresh and ok > 0 and (S.limit_law.ceiling > 0 or S.rate_law.ceiling > 0) then
    grow_by_law(limit_in_force(), sum_before)
  end
end

-- S.circuit: the number of its opening; 0 while it is closed.
local function follow_circuit()
  local open_us = A[27]
  if S.circuit == 0 and (open_us == 0 or (opened == 0 and known)) then return end

  local function open_circuit(us)
    S.circuits = S.circuits + 1
    S.circuit, S.circuit_probes = S.circuits, 0
    S.circuit_us, S.circuit_until = us, now + us
    new_generation()
  end

  -- Where three probes failed in a row, and nobody said overload, it may be the jobs. Each host finds
  -- that out by its own circuit; for all of them it is closed for a while.
  local function probe_failed()
    S.probes_failed = S.probes_failed + 1
    if S.probes_failed < 3 or overload > 0 then
      return open_circuit(math.min(2 * S.circuit_us, 5 * S.circuit_base))
    end
    S.circuit, S.circuit_probes = 0, 0
    S.trusts_jobs_after = now + distrust
    new_generation()
  end

  local function probe_ended()
    if ok > 0 and fresh then
      S.circuit, S.circuit_probes = 0, 0
    elseif failed > 0 or opened > 0 or overload > 0 then
      probe_failed()
    elseif held == 0 then
      S.circuit_probes = S.circuit_probes - h.probes
      h.probes = 0
    end
  end

  if S.circuit == 0 then
    if now >= S.trusts_jobs_after then
      S.circuit_base, S.probes_failed = open_us, 0
      open_circuit(open_us)
    end
  elseif now < S.circuit_until then
    if opened > 0 then S.circuit_until = math.max(S.circuit_until, now + open_us) end
  elseif h.circuit == S.circuit and h.probes > 0 then
    probe_ended()
  elseif S.circuit_probes > 0 and now - S.circuit_probed > ttl then
    -- Its host may never say how it ended.
    S.circuits = S.circuits + 1
    S.circuit, S.circuit_probes = S.circuits, 0
  end
end

-- state, how long it lasts (-1: not known)
local function state_of_fleet()
  if now < S.warm then return 1, S.warm - now end
  if hand.pause_until < 0 then return 2, -1 end
  local pause = math.max(S.pause, hand.pause_until)
  if now < pause then return 2, pause - now end
  if S.circuit == 0 then return 0, 0 end
  if now < S.circuit_until then return 3, S.circuit_until - now end
  return 4, -1
end

-- ---------------------------------------------------------------------------------------------
-- What it is given

local function grant(limit, share, most)
  local free = limit - S.sum - held
  local granted = math.max(0, math.min(want, free, most))
  if S.slot_queue.waiting == 0 then return granted end
  local own = clamp(share - held, 0, granted)
  if own == granted then return own end
  local gives_back = h.owes > 0 and held < h.held
  -- Those whose turn it is may not come.
  local idle = S.slot_free > 0 and
      now - S.slot_free > math.min(2 * ask_least * S.slot_queue.waiting, most_kept)
  if not idle and (held > share or gives_back or not has_turn(S.slot_queue, h.slot_place, free - own)) then
    return own
  end
  serve(S.slot_queue, h.slot_place)
  h.term = now
  return own + 1
end

-- So many slots is the host to give back.
local function asked_back(limit, share, granted)
  local excess = held + granted - share
  if excess <= 0 then return 0 end
  local free = limit - S.sum - held - granted
  if free < 0 then return excess end
  local back = clamp(S.lacked - S.coming - free, 0, excess)
  if S.short == 0 and now - h.term < term then back = math.min(back, excess - 1) end
  return back
end

-- granted, cap
local function give_slots(limit, most)
  if limit == 0 then
    h.hungry, h.lacks, h.short, h.owes, h.coming = 0, 0, 0, 0, 0
    return math.min(want, most), no_cap
  end
  -- The sums are those of the others.
  local active = S.active + ((held > 0 or want > 0) and 1 or 0)
  local content = S.sum - S.hungry_held
  local share = math.max(0, math.floor(limit / math.max(1, active)),
                         math.floor((limit - content) / (S.hungry + 1)))
  local granted = grant(limit, share, most)
  local has, misses = held + granted, want - granted
  if has <= share then
    h.term = 0
  elseif h.term == 0 then
    h.term = now
  end
  h.hungry = misses > 0 and 1 or 0
  h.lacks = has <= share and math.min(misses, share - has + 1) or 0
  h.short = (misses > 0 and has < share) and 1 or 0
  local back = asked_back(limit, share, granted)
  if h.owes == 0 then h.asked = now end
  -- What does not come soon, since jobs take long, others may have sooner.
  h.owes, h.coming = back, now - h.asked < term and back or 0
  return granted, h.owes > 0 and has - h.owes or math.max(limit, has)
end

-- starts, delay, spacing
local function give_starts(most)
  if starts == 0 or #meters == 0 then return 0, 0, 0 end
  local at_once, soon = starts_within(0), starts_within(ahead)
  local given = math.min(soon, most)
  if S.start_queue.waiting > 0 then
    local part = math.ceil(soon / (S.start_queue.waiting + 1))
    given = math.min(given, math.max(1, part))
    -- Half of what may be told ahead is for those whose turn it is; the rest is not let go to waste.
    if not has_turn(S.start_queue, h.start_place, 1) then given = math.min(given, starts_within(ahead / 2)) end
  end
  if given <= 0 then return 0, 0, 0 end
  local delay, between = longest_wait(), spacing()
  if given <= at_once then
    between = 0
  elseif delay + (given - 1) * between > 2 * ahead then
    -- A whole burst, spread out like that, would not be used in time.
    given, between = at_once, 0
  end
  for _, m in ipairs(meters) do gcra_take(m, given * m.cost) end
  serve(S.start_queue, h.start_place)
  return given, delay, between
end

-- So soon does a host ask again for a slot: one host of many rarely, and so all together often.
local function ask_for_slot()
  if h.short == 1 then return ask_least * S.short end
  if h.slot_place.waits == 0 then return math.max(ask_calmly, ask_least * S.hungry) end
  return ask_least * (h.slot_place.round < S.slot_queue.round and S.slot_queue.pending or S.slot_queue.waiting)
end

-- When it should ask again for what it was not given.
local function ask_again(few_slots, few_starts, state, state_us)
  if not few_slots and not few_starts then return 0 end
  local base = math.huge
  if state ~= 0 and state ~= 4 then
    base = state_us < 0 and ask_unknown or state_us
  else
    if few_slots then base = math.min(ask_for_slot(), ask_most) end
    if few_starts then
      local wait = longest_wait() - ahead
      if h.start_place.round >= S.start_queue.round then
        wait = math.max(wait, math.min(S.start_queue.pending * spacing(), ask_unknown))
      end
      base = math.min(base, wait)
    end
  end
  S.ask = math.max(S.ask, now) + ask_spacing
  return math.max(ask_least, base) + S.ask - now
end

local function probes_left(state)
  if state == 0 then return math.huge end
  if state ~= 4 then return 0 end
  return math.max(0, math.min(1, math.max(1, A[28]) - S.circuit_probes))
end

local function note_probe(granted)
  S.circuit_probes = S.circuit_probes + granted
  S.circuit_probed = now
  h.probes = (h.circuit == S.circuit and h.probes or 0) + granted
  h.circuit = S.circuit
end

-- ---------------------------------------------------------------------------------------------
-- What is written

local function store_all(renewed)
  local keep = not known or now - S.kept > 60000000
  if keep then S.kept = now end
  local state = cmsgpack.pack(unpack(S))
  if warmed then
    redis.call('HSET', st_key, 'state', state, 'config', config, 'run_id', run_id)
  else
    redis.call('HSET', st_key, 'state', state)
  end
  if forgotten then
    redis.call('DEL', hs_key, ex_key)
    redis.call('HDEL', st_key, unpack(hand_fields))
  end
  if #dead > 0 then
    redis.call('HDEL', hs_key, unpack(dead))
    redis.call('ZREM', ex_key, unpack(dead))
  end
  if #alive > 0 then redis.call('ZADD', ex_key, unpack(alive)) end
  if leaves then
    redis.call('HDEL', hs_key, host)
    redis.call('ZREM', ex_key, host)
  else
    redis.call('HSET', hs_key, host, line_of(h))
    if renewed then redis.call('ZADD', ex_key, whole(h.lease), host) end
  end
  if keep then
    local life = math.max(86400000, math.ceil(2 * math.max(rate_us, budget_us) / 1000))
    for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, whole(life)) end
  end
end

-- ---------------------------------------------------------------------------------------------

if S.generation == 0 then S.generation = 1 end
local sum_before = S.sum
if known then take_out(h) end
ok, overload = risen(h.ok, A[20]), risen(h.overload, A[21])
opened, failed = risen(h.opened, A[26]), risen(h.failed, A[29])
h.ok, h.overload, h.opened, h.failed = A[20], A[21], A[26], A[29]
count_successes()
apply_law(sum_before)
set_up_meters()
settle_costs()
follow_circuit()
if A[30] > 0 then S.pause = math.max(S.pause, now + A[30]) end
if leaves and known and h.circuit == S.circuit then
  S.circuit_probes = S.circuit_probes - h.probes
end

local limit = limit_in_force()
local state, state_us = state_of_fleet()
local most = probes_left(state)
local granted, cap = give_slots(limit, most)
if state == 4 and want > 0 and granted == 0 then most = 0 end
local given, delay, between = give_starts(most)
local probes = 0
if state == 4 and #meters > 0 and given == 0 then granted = 0 end
if state == 4 and (granted > 0 or given > 0) then
  probes = 1
  note_probe(probes)
end

local few_slots, few_starts = granted < want, given < starts and #meters > 0
h.seq, h.expiry, h.held = seq, now + ttl, held + granted
h.told, h.lost = now, S.lost
local renewed = h.expiry >= h.lease + ttl / 16
if renewed then h.lease = h.expiry end
S.next_end = math.min(S.next_end, h.lease)
h.generation, h.odds = S.generation, fresh and A[22] or 0
h.wants = (few_slots or few_starts) and 1 or 0
if h.lacks > 0 then count_in(S.slot_queue, h.slot_place, 1) end
if few_starts then count_in(S.start_queue, h.start_place, 1) end
if not leaves then
  if not known then S.hosts = S.hosts + 1 end
  put_in(h)
elseif known then
  S.hosts = S.hosts - 1
end
local retry = ask_again(few_slots, few_starts, state, state_us)

if limit == 0 or S.sum >= limit then
  S.slot_free = 0
elseif granted > 0 or S.slot_free == 0 then
  S.slot_free = now
end
if rate then S.rate_bucket.debt, S.rate_bucket.unit = rate.debt, rate.t end
if cost then S.cost_bucket.debt, S.cost_bucket.unit = cost.debt, cost.t end
-- For people.
S.limit, S.rate_n, S.rate_us = limit, rate_n, rate_n > 0 and S.rate_period or 0
S.budget_n, S.budget_us, S.ttl = budget_n, budget_n > 0 and budget_us or 0, ttl
store_all(renewed)

return {
  'ok', now, granted, cap, given, delay, between, retry, limit, rate_n, rate_n > 0 and S.rate_period or 0,
  state, state_us, S.generation, S.hosts, S.sum, S.wanting, probes
}
