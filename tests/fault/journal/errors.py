"""A call on the journal fails, or a write comes short: once, or from there on."""

import functools

from bench import LONG, SLOTS, SLOW, Bench, Fault, Journal, error_number
from kills import JOBS, count, damaged, interrupted, spread

CANNOT_CREATE, CANNOT_WRITE = 73, 74
# What opening may end with: it is said which call failed, and nothing runs.
REFUSED = {71, CANNOT_CREATE, CANNOT_WRITE}

WRITES = ("ENOSPC", "EIO", "EDQUOT", "half", "full")
NO_FAULTS = ("half", "EINTR")  # The rest of what is to be written can be.
# What each call may fail with; EINTR is to be tried again.
OTHERS = {
    "open": ("EIO", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EROFS", "EINTR"),
    "flock": ("ENOLCK", "EINTR"),
    "fstat": ("EIO", "ENOMEM"),
    "fstatat": ("EIO", "ENOMEM"),
    "lseek": ("EIO",),
    "read": ("EIO", "ENOMEM", "EINTR"),
    "mmap": ("ENOMEM", "EAGAIN"),
    "write": ("EINTR",),
    "fsync": ("EIO", "EINTR"),
    "fdatasync": ("EINTR",),
    "ftruncate": ("EIO", "ENOSPC", "EINTR"),
    "rename": ("EIO", "ENOSPC"),
    "link": ("EIO", "ENOSPC"),
    "fcntl": ("EAGAIN",),
}


def do(error):
    return error_number(error) if error.startswith("E") else error


def ended(run, bench):
    return f"{run.status}, then {bench.status}"


def fail_write(flags, point):
    """The journal cannot be written: 74 and no more starts, or 73 and none at all."""
    error, at = point
    with Bench(JOBS, flags=flags) as bench:
        first = bench.run(fault=Fault("write", at, do(error)))
        if error in NO_FAULTS or not first.ledger.fault:
            first.expect(first.status == bench.status, f"expected {bench.status}")
        elif not first.ledger.starts:
            first.expect(first.status in (CANNOT_CREATE, CANNOT_WRITE), "expected 73 or 74")
        else:
            first.expect(first.status == CANNOT_WRITE, "expected 74")
            bench.check_drained(first)
        bench.check(first, write_failed=True)
        bench.complete([first])
    return ended(first, bench)


def fail_to_cut(point):
    """Half of a write is there, and cannot be cut off; then all is well again, and what could not
    be written is tried again, while the last job runs.
    """
    at, last = point
    with Bench(JOBS, job=LONG) as bench:
        first = bench.run(fault=Fault("write,ftruncate", f"{at}-{last}", "full"))
        if first.ledger.fault:
            first.expect(first.status == CANNOT_WRITE, "expected 74")
        bench.check(first, write_failed=True)
        bench.complete([first])
    return ended(first, bench)


def fail_sync(flags, point):
    """A sync that fails is final. Jobs are slow, that some syncs come while they run."""
    error, at = point
    with Bench(JOBS, job=SLOW, flags=flags) as bench:
        first = bench.run(fault=Fault("fdatasync,fsync", at, do(error)))
        if not first.ledger.fault:
            first.expect(first.status == bench.status, f"expected {bench.status}")
        else:
            first.expect(first.status == CANNOT_WRITE, "expected 74")
        bench.check(first, write_failed=True)
        bench.check_drained(first, late=2 * SLOTS)  # some start until it is known
        bench.complete([first])
    return ended(first, bench)


def fail_other(situation, flags, point):
    """Whatever else fails: the run does without, or refuses to begin, or drains."""
    call, error, at = point
    with Bench(JOBS) as bench:
        earlier = [situation(bench)] if situation else []
        was = bench.journal.read_bytes() if situation else b""
        before = Journal(was)
        run = bench.run(*flags, fault=Fault(call, at, do(error)))
        if not run.ledger.starts and run.status != bench.status:
            run.expect(run.status in REFUSED, f"expected one of {sorted(REFUSED)}")
            run.expect(run.said.startswith("gentlify: "), "it is not said why")
        elif error == "EINTR" or not run.ledger.fault:
            run.expect(run.status == bench.status, f"expected {bench.status}")
        else:
            run.expect(run.status in (bench.status, CANNOT_WRITE), f"expected {bench.status} or 74")
            if run.status == CANNOT_WRITE:
                bench.check_drained(run, late=2 * SLOTS)
        bench.check(run, before, write_failed=True)
        again = ("--resume",)
        if "--repair" in flags and bench.journal.read_bytes() == was:
            again = ("--repair",)
        bench.complete([*earlier, run], *again)
    return ended(run, bench)


def once_and_for_good(errors, most):
    for error in errors:
        for at in range(1, most + 1):
            if error != "full":
                yield error, str(at)
            yield error, f"{at}+"


def others(situation, flags, calls):
    with Bench(JOBS) as bench:
        if situation:
            situation(bench)
        made = [call.name for call in bench.run(*flags, trace=True).calls]
    for call, errors in OTHERS.items():
        for error in errors:
            for at in range(1, min(made.count(call), calls) + 1):
                yield call, error, str(at)
                if error != "EINTR":
                    yield call, error, f"{at}+"


def rows(table, some):
    most = count((), "write") + 1
    for error in WRITES:
        points = once_and_for_good([error], most)
        table.row(f"write: {error}", spread(points, some), functools.partial(fail_write, ()))
    points = [(at, at + more) for at in range(2, most, 4) for more in (1, 2, 3, 5)]
    table.row("write: short, and not to be cut off", spread(points, some), fail_to_cut)
    always = ("--journal-sync", "always")
    points = once_and_for_good(("ENOSPC", "half"), most)
    table.row("write, always synced", spread(points, some), functools.partial(fail_write, always))
    points = once_and_for_good(("EIO", "ENOSPC"), 7)
    table.row("sync", spread(points, some), functools.partial(fail_sync, ()))
    most = count(always, "fdatasync", "fsync") + 1
    points = once_and_for_good(("EIO", "ENOSPC"), most)
    table.row("sync, always synced", spread(points, some), functools.partial(fail_sync, always))
    for name, situation, flags in (
        ("any other call", None, ()),
        ("any other call of a resume", interrupted, ("--resume",)),
        ("any other call of a repair", damaged, ("--repair",)),
    ):
        points = others(situation, flags, 20)
        attempt = functools.partial(fail_other, situation, flags)
        table.row(name, spread(points, some), attempt)
