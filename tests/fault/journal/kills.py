"""The worker, or it and its guardian, is killed at a call on the journal."""

import functools

from bench import Bench, Fault, Journal

KILLED = 128 + 9
JOBS = 40

# Before and after a call, and between the halves of a write.
AT_A_WRITE = ("kill", "after", "torn", "kill_all", "after_all", "guardian")
AT_ANY_CALL = ("kill", "after", "kill_all")


def spread(points, some):
    """All points, or so many of them."""
    points = list(points)
    if not some or len(points) <= some:
        return points
    return [points[i * len(points) // some] for i in range(some)]


def reached(run):
    """Whether the fault came; where it did not the run must have been as any other."""
    return run.ledger.fault


def expect_killed(run, bench):
    want = KILLED if reached(run) else bench.status
    run.expect(run.status == want, f"expected {want}")


# Killed in a run of its own.


def kill_run(flags, resume, calls, point):
    at, do = point
    with Bench(JOBS, flags=flags, resume=resume) as bench:
        # Where there is no journal, a resume begins one.
        first = bench.run(resume, fault=Fault(calls, str(at), do))
        expect_killed(first, bench)
        if reached(first) and not bench.journal.exists():
            first.expect(not first.ledger.starts, "jobs ran without a journal")
        bench.check(first)
        bench.complete([first])
        bench.nothing_to_do()
    return f"{first.status}, then {bench.status}"


def count(flags, *names, prepare=None, resume="--resume"):
    """How many calls of that name a run makes on its journal."""
    with Bench(JOBS, flags=flags) as bench:
        if prepare:
            prepare(bench)
        run = bench.run(resume, trace=True)
        calls = [call for call in run.calls if not names or call.name in names]
        run.expect(calls, f"no calls of {names} on the journal")
        return len(calls)


# Killed as it goes on with a run, or repairs its journal.


def interrupted(bench):
    """A journal of a run that was killed in the middle of a write."""
    run = bench.run(fault=Fault("write", "15", "torn"))
    run.expect(run.status == KILLED, f"expected {KILLED}")
    return run


def damaged(bench):
    """A journal of such a run with a bit turned over in its middle."""
    run = interrupted(bench)
    content = bytearray(bench.journal.read_bytes())
    content[content.index(b"\n", len(content) // 2) - 30] ^= 1
    bench.journal.write_bytes(content)
    return run


def kill_resume(point):
    at, do = point
    with Bench(JOBS) as bench:
        first = interrupted(bench)
        before = Journal.of(bench.journal)
        second = bench.run("--resume", fault=Fault("any", str(at), do))
        expect_killed(second, bench)
        bench.check(second, before)
        bench.complete([first, second])
    return f"{second.status}, then {bench.status}"


def kill_repair(point):
    at, do = point
    with Bench(JOBS) as bench:
        first = damaged(bench)
        was = bench.journal.read_bytes()
        before = Journal.of(bench.journal)
        second = bench.run("--repair", fault=Fault("any", str(at), do))
        expect_killed(second, bench)
        now = bench.journal.read_bytes()
        copies = [p.read_bytes() for p in bench.home.glob("journal.damaged*")]
        second.expect(now == was or was in copies, "the journal is changed, and there is no copy")
        if now == was:
            second.expect(not second.ledger.starts, "jobs ran on a damaged journal")
        bench.check(second, before)
        # Where nothing was repaired yet, this is to be done again; else there is no need to.
        bench.complete([first, second], "--repair" if now == was else "--resume")
    return f"{second.status}, then {bench.status}"


def moments(actions, most):
    return [(at, do) for do in actions for at in range(1, most + 1)]


def rows(table, some):
    for name, flags, resume in (
        ("", (), "--resume"),
        (", always synced", ("--journal-sync", "always"), "--resume"),
        (", by content", (), "--resume=content"),
    ):
        points = spread(moments(AT_A_WRITE, count(flags, "write") + 2), some)
        attempt = functools.partial(kill_run, flags, resume, "write")
        table.row(f"killed at a write{name}", points, attempt)
    points = spread(moments(AT_ANY_CALL, count(()) + 2), some)
    table.row("killed at any call", points, functools.partial(kill_run, (), "--resume", "any"))
    points = spread(moments(AT_ANY_CALL, count((), prepare=interrupted) + 2), some)
    table.row("killed at any call of a resume", points, kill_resume)
    most = count((), prepare=damaged, resume="--repair") + 2
    points = spread(moments(AT_ANY_CALL, most), some)
    table.row("killed at any call of a repair", points, kill_repair)
