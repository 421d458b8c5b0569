"""Some runs begin on one journal at once: one of them has it, the others are told to come again."""

import collections
import functools
import time

from bench import Bench, Fault, Journal, expect, expect_nothing_left
from kills import damaged, interrupted, spread

RIVALS = 4
TRY_LATER = 75
JOBS = 40


def compete(situation, flag, _):
    with Bench(JOBS) as bench:
        earlier = [situation(bench)] if situation else []
        before = Journal.of(bench.journal)
        started = [bench.start(flag) for _ in range(RIVALS)]
        runs = [bench.end(one) for one in started]
        expect_nothing_left()
        for run in runs:
            run.expect(run.status in (bench.status, TRY_LATER), f"expected {bench.status} or 75")
            if run.status == TRY_LATER:
                run.expect(not run.ledger.starts, f"jobs ran: {run.ledger.starts}")
        ran = collections.Counter(n for run in runs for n in set(run.ledger.starts))
        twice = [n for n, many in ran.items() if many > 1]
        expect(not twice, f"ran in two runs: {twice}")
        expect(set(ran) == bench.all - before.done, "not what was to do")
        ended = set().union(*(run.ledger.ends for run in [*earlier, *runs]))
        expect(ended == bench.all, f"never ran to their end: {bench.all - ended}")
        bench.nothing_to_do()
    return f"{[run.status for run in runs].count(TRY_LATER)} of {RIVALS} had to wait"


def replaced(flag):
    """One has opened the journal, and has not locked it yet, when another puts a repaired one in
    its place, and runs to its end."""
    with Bench(JOBS) as bench:
        earlier = damaged(bench)
        before = Journal.of(bench.journal)
        late = bench.start(flag, fault=Fault("flock", "1", "late"))
        time.sleep(0.2)
        quick = bench.end(bench.start("--repair"))
        now = bench.check(quick, before)
        late = bench.end(late)
        expect_nothing_left()
        quick.expect(quick.status == bench.status, f"expected {bench.status}")
        late.expect(late.ledger.fault, "it has locked nothing")
        late.expect(late.status in (bench.status, TRY_LATER), f"expected {bench.status} or 75")
        bench.check(late, now)
        ended = earlier.ledger.ends | quick.ledger.ends | late.ledger.ends
        expect(ended == bench.all, f"never ran to their end: {bench.all - ended}")
        bench.nothing_to_do()
    return f"{late.status}"


def rows(table, some):
    for name, situation, flag in (
        ("begin", None, "--resume"),
        ("resume", interrupted, "--resume"),
        ("repair", damaged, "--repair"),
    ):
        attempt = functools.partial(compete, situation, flag)
        table.row(f"runs {name} at once", spread(range(50), some), attempt)
    table.row("a journal is replaced while it is opened", ("--resume", "--repair"), replaced)
