-- The generic cell rate algorithm as a meter of debts: a bucket of B that fills up at N per T µs,
-- as lib/control/gcra.h has it. What is missing in the bucket is its debt, in units of 1/N µs, in
-- which everything is whole and no error adds up: what costs c adds c * T, each µs takes N off.
--
--   debt(t) = max(0, debt(at) - (t - at) * N)
--   c may start  max(0, ceil((debt + c * T - B * T) / N))  µs from now
--
-- so that all that starts within any time t costs at most B + t * N/T. A double holds whole numbers
-- up to 2^53. Where B * T comes near that, N and T are made smaller: the rate is up to 1 % slower
-- then, never faster.
local exact = 2 ^ 50
local most_debt = 2 ^ 60

local function gcra(n, t, b)
  if b * t > exact then
    local smaller = math.floor(exact / b)
    local fewer = math.floor(n * (smaller / t))
    if fewer >= 1 then
      n, t = fewer, smaller
    else
      b = math.max(1, math.floor(exact / t))
    end
  end
  return {n = n, t = t, b = b, debt = 0}
end

-- Some µs pass.
local function gcra_pass(m, us)
  m.debt = math.max(0, m.debt - us * m.n)
end

local function gcra_take(m, cost)
  m.debt = math.min(m.debt + cost * m.t, most_debt)
end

local function gcra_wait(m, cost)
  return math.max(0, math.ceil((m.debt + cost * m.t - m.b * m.t) / m.n))
end

-- How many may start within so many µs from now, one by one as they become due.
local function gcra_starts(m, cost, us)
  if cost == 0 then return math.huge end
  if cost > m.b then return 0 end
  return math.max(0, math.floor((m.b * m.t + us * m.n - m.debt) / (cost * m.t)))
end

-- What lib/control/decision.h has: allowed, limit, remaining, reset, retry; µs, -1: never.
local function gcra_decide(m, cost)
  local fits, wait = cost <= m.b, gcra_wait(m, cost)
  local allowed = fits and wait == 0
  if allowed then gcra_take(m, cost) end
  local remaining = math.max(0, m.b - math.ceil(m.debt / m.t))
  local retry = allowed and 0 or fits and wait or -1
  return {allowed and 1 or 0, m.b, remaining, math.ceil(m.debt / m.n), retry}
end
