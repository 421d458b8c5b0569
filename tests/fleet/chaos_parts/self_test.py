"""The checker on made-up runs: each violation must be found, and a clean run must stay clean."""

import copy
import sys

from checker import check
from facts import Attempt, Facts, Host, Life

TTL = 2.0


def clean():
    """Two hosts, two slots, 10 starts a second; all is well. An answer comes each half second."""
    hosts = {}
    for name in ("a", "b"):
        host = Host(name, 2, [Life(0.0, 8.0, 0)])
        host.answers = [(at / 2 + 0.001, at / 2) for at in range(16)] + [(7.95, 7.94)]
        hosts[name] = host
    items = [f"{n}:90:ok" for n in range(1, 41)]
    attempts = [
        Attempt("ab"[n % 2], 100 + n, item, 2 + n / 10, 2.09 + n / 10, 2.095 + n / 10, 0)
        for n, item in enumerate(items)
    ]
    facts = Facts(
        strict=True, ttl=TTL, limit=2, rate=10, burst=1, items=items, hosts=hosts, shared_list=True
    )
    return facts, attempts


def ordinary_death():
    """Host b is killed at 4 s; a takes over all that it leaves."""
    facts, attempts = clean()
    facts.rate = 0
    facts.items = facts.items[:]
    b = facts.hosts["b"]
    b.lives[0] = Life(0.0, 4.02, -9, killed=4.0)
    b.answers = [one for one in b.answers if one[0] < 4]
    attempts = [one for one in attempts if one.host == "a" or one.start < 4]
    for n in range(21, 40, 2):
        attempts.append(Attempt("a", 200 + n, facts.items[n], n / 10 + 2, n / 10 + 2.08,
                                n / 10 + 2.085, 0))
    return facts, attempts


def at(attempts, item):
    return next(one for one in attempts if one.item.startswith(f"{item}:"))


def more(attempts, *runs):
    """Attempts of the items before: (host, item, start, end)."""
    for host, item, start, end in runs:
        attempts.append(Attempt(host, 900, at(attempts, item).item, start, end, end, 0))


# Each makes a clean run worse, and says how the sentence about it begins.


def burst(facts, attempts):
    """Within 0.5 s and a burst of 1, six may come at once."""
    facts.limit, facts.hosts["a"].slots = 0, 9
    for n in range(1, 9):
        one = at(attempts, n)
        one.start = 2.0
    return "rate"


def slow_drift(facts, attempts):
    """Each start is only a little early; the sum of it is too much."""
    facts.limit = 0
    for n, one in enumerate(attempts):
        one.start = 2 + n * 0.08
    return "rate"


def third_at_once(facts, attempts):
    facts.rate = 0
    at(attempts, 1).end = 2.25
    at(attempts, 2).end = 2.25
    return "concurrency"


def killed_too_late(facts, attempts):
    """By the fence, and so there is no end; but it was seen when it should have been dead."""
    facts.rate = 0
    host = facts.hosts["a"]
    host.answers = [one for one in host.answers if one[0] < 2]
    for n in (1, 3):
        one = at(attempts, n)
        one.end = one.status = None
        one.seen = 3.8
    facts.items = [one.item for one in attempts if one.host == "b" and one.start < 3.8]
    attempts[:] = [one for one in attempts if one.host == "b" or one.start < 2.3]
    more(attempts, ("b", 2, 3.0, 3.1))
    facts.items += [at(attempts, 1).item, at(attempts, 3).item]
    more(attempts, ("b", 1, 4.0, 4.1), ("b", 3, 4.2, 4.3))
    return "concurrency"


def too_many_beside_a_fenced_host(facts, attempts):
    """Default: the fenced host's jobs are no excuse for three elsewhere."""
    cut_off(facts, attempts)
    more(attempts, ("b", 2, 6.3, 6.6), ("b", 2, 6.3, 6.6), ("b", 4, 6.35, 6.6))
    return "concurrency"


def fenced_start(facts, attempts):
    facts.strict = False
    host = facts.hosts["a"]
    host.answers = [one for one in host.answers if one[0] < 3 or one[0] > 7]
    return "fence"


def never_done(facts, attempts):
    one = at(attempts, 7)
    one.status = 1
    return "jobs"


def never_begun(facts, attempts):
    attempts.remove(at(attempts, 7))
    return "jobs"


def stranger(facts, attempts):
    at(attempts, 7).item = "99:10:ok"
    facts.items.remove("7:90:ok")
    return "jobs"


def twice(facts, attempts):
    facts.rate = 0
    more(attempts, ("b", 1, 7.0, 7.1))
    return "jobs"


def twice_after_a_death_long_ago(facts, attempts):
    facts.rate, facts.limit = 0, 0
    facts.hosts["a"].lives = [Life(0, 3.0, -9, killed=3.0), Life(3.2, 8.0, 0)]
    more(attempts, ("b", 1, 7.0, 7.1))
    return "jobs"


def start_after_term(facts, attempts):
    facts.hosts["a"].lives[0].term = 5.0
    return "term"


def failed_host(facts, _attempts):
    facts.hosts["b"].lives[0].status = 70
    return "end"


def gave_up_too_soon(facts, _attempts):
    """A host tries for 10 s to find a server."""
    facts.hosts["c"] = Host("c", 2, [Life(0.0, 2.1, 69)])
    return "end"


def left_alive(facts, _attempts):
    facts.left.append("123 fleet_job")
    return "end"


def slots_that_stay_lost(facts, attempts):
    """A dead host's slots are not used by the other: one at a time all the while."""
    ordinary = ordinary_death()
    facts.__dict__.update(ordinary[0].__dict__)
    attempts[:] = ordinary[1]
    facts.items += [f"{n}:90:ok" for n in range(41, 100)]
    return "dead host"


VIOLATIONS = [
    burst, slow_drift, third_at_once, killed_too_late, too_many_beside_a_fenced_host, fenced_start,
    never_done, never_begun, stranger, twice, twice_after_a_death_long_ago, start_after_term,
    failed_host, gave_up_too_soon, left_alive, slots_that_stay_lost,
]


# Each is allowed, though it looks bad.


def cut_off(facts, attempts):
    """Default: a host that is fenced ends its jobs, and others have its slots."""
    facts.strict, facts.rate = False, 0
    host = facts.hosts["a"]
    host.answers = [one for one in host.answers if one[0] < 4.2]
    attempts[:] = [one for one in attempts if one.host == "b" or one.start < 5]
    at(attempts, 29).end = at(attempts, 29).seen = 7.9
    for n in range(31, 41, 2):
        attempts.append(Attempt("b", 300 + n, facts.items[n - 1], 2 + (n - 1) / 10,
                                2.09 + (n - 1) / 10, 2.095 + (n - 1) / 10, 0))
    more(attempts, ("b", 29, 7.2, 7.9))


def stands_still(facts, attempts):
    """Strict: both processes of a host are stopped, and its jobs run on until they are not."""
    cut_off(facts, attempts)
    facts.strict = True
    host = facts.hosts["a"]
    host.worker_stops, host.guardian_stops = [(4.2, 7.8)], [(4.2, 7.8)]
    more(attempts, ("b", 2, 6.4, 6.8), ("b", 4, 6.4, 6.8))
    facts.losses = [7.9]


def twice_after_death(facts, attempts):
    ordinary = ordinary_death()
    facts.__dict__.update(ordinary[0].__dict__)
    attempts[:] = ordinary[1]
    facts.items += [f"{n}:90:ok" for n in range(41, 44)]
    facts.limit = 0
    attempts += [Attempt("a", 500 + n, facts.items[n - 1], 7.0, 7.05, 7.1, 0) for n in (41, 42, 43)]
    more(attempts, ("a", 20, 7.3, 7.4))


def after_a_flush(facts, attempts):
    facts.rate = 0
    facts.losses = [4.0]
    more(attempts, ("b", 1, 7.0, 7.1))


def full_burst(facts, attempts):
    """Exactly what is allowed."""
    facts.limit, facts.burst = 0, 3
    for n in range(1, 9):
        at(attempts, n).start = 2.0
    for n, one in enumerate(attempts[8:]):
        one.start = 2.1 + n * 0.1
        one.end = one.seen = one.start + 0.01


def ended_while_its_host_was_stopped(facts, attempts):
    """Strict: the guardian kills the worker, which has not seen how its last job ended."""
    ordinary = ordinary_death()
    facts.__dict__.update(ordinary[0].__dict__)
    attempts[:] = ordinary[1]
    facts.limit, facts.shared_list = 0, False
    facts.hosts["b"].lives = [Life(0.0, 6.0, 75), Life(6.5, 8.0, 0)]
    facts.hosts["b"].answers += [(7.0, 7.0)]
    facts.hosts["b"].worker_stops = [(3.95, 7.5)]
    more(attempts, ("b", 20, 7.3, 7.4))


def left_while_nobody_answered(facts, attempts):
    facts.rate = 0
    facts.hosts["a"].lives = [Life(0.0, 6.2, -15, term=6.0)]
    facts.hosts["a"].answers = [one for one in facts.hosts["a"].answers if one[0] < 5.6]
    more(attempts, ("b", 39, 7.3, 7.4))


def found_no_server(facts, _attempts):
    facts.hosts["c"] = Host("c", 2, [Life(0.0, 10.1, 69)])


def killed_as_it_began(facts, attempts):
    """Nobody knows that it was there for any time at all."""
    facts.rate = 0
    attempts.append(Attempt("a", 700, facts.items[0], 3.0, 3.0))


def bad_item(facts, attempts):
    facts.items[6] = at(attempts, 7).item = "7:90:bad"
    at(attempts, 7).status = 64
    facts.hosts["a"].lives[0].status = 1


ALLOWED = [cut_off, stands_still, twice_after_death, after_a_flush, full_burst, bad_item,
           killed_as_it_began, ended_while_its_host_was_stopped,
           left_while_nobody_answered, found_no_server]


def run():
    """The exit status."""
    failed = 0
    cases = [(lambda *_: None, None)] + [(make, None) for make in ALLOWED]
    for make, _ in cases + [(make, True) for make in VIOLATIONS]:
        facts, attempts = copy.deepcopy(clean())
        expected = make(facts, attempts)
        found = check(facts, attempts)
        name = getattr(make, "__name__", "").replace("_", " ")
        if expected is None and found:
            print(f"FAILED: {name}: found in what is clean: {found}")
            failed += 1
        elif expected and not any(sentence.startswith(f"{expected}:") for sentence in found):
            print(f"FAILED: {name}: expected a sentence about '{expected}', found {found}")
            failed += 1
    print(f"{len(cases) + len(VIOLATIONS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run())
