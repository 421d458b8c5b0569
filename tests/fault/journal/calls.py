"""Any call of the program fails, whether it is on the journal or not."""

import functools
import re
import subprocess

from bench import Bench, Fault, Journal, Skip, TINY, error_number, is_instrumented
from kills import spread

JOBS = 12
# 66: what should be read cannot be; 71: the system refuses what it takes to run; 73, 74: files.
REFUSED = {66, 71, 73, 74}
MOST = 25  # calls of each

ERRORS = {
    "clone": ("EAGAIN", "ENOMEM"),
    "clone3": ("EAGAIN", "ENOMEM"),
    "openat": ("EMFILE", "ENFILE", "ENOMEM", "EIO"),
    "mmap": ("ENOMEM",),
    "read": ("EINTR", "EAGAIN", "EIO"),
    "write": ("EINTR", "EAGAIN", "EIO", "ENOSPC"),
    "fcntl": ("EAGAIN", "ENOMEM"),
    "flock": ("ENOLCK", "EINTR"),
    "newfstatat": ("EIO", "ENOMEM"),
    "lseek": ("EIO",),
    "ftruncate": ("EIO", "EINTR"),
    "fsync": ("EIO", "EINTR"),
    "fdatasync": ("EIO", "EINTR"),
    "getrandom": ("EAGAIN", "EINTR"),
}
if is_instrumented():
    del ERRORS["mmap"]  # ASan ends a program that it has no memory for


def strace(*options):
    # It lets go of a process when its program begins: jobs are not meddled with.
    return ["strace", "-qq", "-f", "-b", "execve", "-e", "signal=none", *options]


def calls_of(bench, flags):
    """How many calls of each there are, and how many of them before the program itself runs."""
    log = bench.home / "log"
    traced = ",".join(ERRORS)
    bench.run(*flags, prefix=strace("-o", str(log), "-e", f"trace={traced}"))
    names = [found[1] for found in re.finditer(r"^\d+ +(\w+)\(", log.read_text(), re.M)]
    lines = log.read_text().splitlines()
    # The libraries are loaded when the standard streams are looked at.
    begin = next((k for k, line in enumerate(lines) if "F_GETFD" in line), 0)
    early = [found[1] for line in lines[:begin] if (found := re.match(r"\d+ +(\w+)\(", line))]
    return {name: (early.count(name), names.count(name)) for name in ERRORS}


def refuse(flags, point):
    call, error, at = point
    with Bench(JOBS, job=TINY) as bench:
        earlier = [bench.run(fault=Fault("write", "7", "torn"))] if flags else []
        before = Journal.of(bench.journal)
        run = bench.run(
            *flags,
            prefix=strace("-o", "/dev/null", "-e", f"trace={call}",
                          "-e", f"inject={call}:error={error}:when={at}"),
        )  # fmt: skip
        if run.status not in REFUSED:
            run.expect(run.status == bench.status, f"expected {bench.status} or one of {REFUSED}")
        bench.check(run, before, write_failed=True)
        bench.complete([*earlier, run])
    return f"{run.status}, then {bench.status}"


def start_no_thread(point):
    """The thread that syncs, or another, cannot be had."""
    with Bench(JOBS, job=TINY) as bench:
        run = bench.run(fault=Fault("pthread_create", point, error_number("EAGAIN")))
        run.expect(run.status in {bench.status, *REFUSED}, "not as documented")
        bench.check(run, write_failed=True)
        bench.complete([run])
    return f"{run.status}, then {bench.status}"


def rows(table, some):
    table.row("no thread", ("1", "2", "1+"), start_no_thread)
    names = {(): "a call fails", ("--resume",): "a call of a resume fails"}
    try:
        traced = subprocess.run(strace("-o", "/dev/null", "true"), capture_output=True, text=True)
        why = traced.stderr.partition("\n")[0] if traced.returncode else None
    except FileNotFoundError:
        why = "strace is not installed"
    for flags, name in names.items():
        if why:
            table.skip(name, Skip(f"strace cannot trace here: {why}"))
            continue
        with Bench(JOBS, job=TINY) as bench:
            calls = calls_of(bench, ())
        points = [
            (call, error, at)
            for call, errors in ERRORS.items()
            for error in errors
            for at in range(calls[call][0] + 1, min(calls[call][0] + MOST, calls[call][1] + 1) + 1)
        ]
        table.row(name, spread(points, some), functools.partial(refuse, flags))
