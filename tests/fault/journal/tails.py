"""Something stands behind the records that is none; or what is there is no journal at all."""

import functools
import random

from bench import TINY, Bench, Journal
from damage import CORRUPT, JOBS, base

CANNOT_CREATE = 73
noise = random.Random(1).randbytes

TAILS = {
    "1 NUL": b"\0",
    "4 KiB of NULs": b"\0" * 4096,
    "1 MiB of NULs": b"\0" * (1 << 20),
    "NULs and an end of line": b"\0" * 512 + b"\n",
    "a byte": b"{",
    "an end of line": b"\n",
    "ends of lines": b"\n" * 100,
    "4 KiB of noise": noise(4096),
    "1 MiB of noise": noise(1 << 20),
    "text": b"something else\nand more\n",
    "a line of 1 MiB": b"x" * (1 << 20) + b"\n",
    "a line of 1 MiB without an end": b"x" * (1 << 20),
    "a record without a sum": b'{"t":"end","seq":5,"try":1,"fate":"done"}\n',
    "a record with a wrong sum": b'{"t":"end","seq":5,"try":1,"sum":"0000000000000000"}\n',
    "brackets": b"[" * 100_000 + b"\n",
}

NO_JOURNALS = {
    "a line of text": b"my precious notes\n",
    "text without an end of line": b"my precious notes",
    "much text": b"my precious notes\n" * 10_000,
    "noise": noise(10_000),
    "JSON": b'{"t":"head","format":1}\n{"t":"start","seq":1}\n',
    "a joblog": b"Seq\tHost\tStarttime\tJobRuntime\n1\t:\t1.0\t1.0\n",
}


def tail(point):
    name, whole = point
    journal, runs = base(whole)
    with Bench(JOBS, job=TINY, flags=("-j", "2")) as bench:
        bench.fill(journal + TAILS[name])
        run = bench.complete(runs, before=Journal(journal))
        run.expect(run.said.startswith("gentlify: "), "it is not said that a tail was cut")
    return "0"


def no_journal(name):
    """It is somebody's: it is not written to, with no flag."""
    with Bench(JOBS, job=TINY, flags=("-j", "2")) as bench:
        for flags in ((), ("--resume",)):
            bench.fill(NO_JOURNALS[name])
            run = bench.run(*flags)
            run.expect(run.status in (CORRUPT, CANNOT_CREATE), "expected 65 or 73")
            run.expect(not run.ledger.starts, f"ran: {run.ledger.starts}")
            run.expect(bench.journal.read_bytes() == NO_JOURNALS[name], "it was changed")
    return str(run.status)


def nothing(content):
    """What holds nothing is begun."""
    with Bench(JOBS, job=TINY, flags=("-j", "2")) as bench:
        bench.fill(content)
        bench.complete([], before=Journal(b""))
    return "0"


def joined(point):
    """Two journals in one: nothing runs; repaired, what the first says holds."""
    first, second = point
    journal, runs = base(first)
    other, more = (journal, []) if second is None else base(second)
    with Bench(JOBS, job=TINY, flags=("-j", "2")) as bench:
        bench.fill(journal + other)
        run = bench.run("--resume")
        run.expect(run.status == CORRUPT, f"expected {CORRUPT}")
        run.expect(not run.ledger.starts, f"ran: {run.ledger.starts}")
        run.expect(bench.journal.read_bytes() == journal + other, "the journal is changed")
        repaired = bench.run("--repair")
        repaired.expect(repaired.status == bench.status, f"expected {bench.status}")
        bench.check(repaired, Journal(journal))
        ended = repaired.ledger.ends.union(*(r.ledger.ends for r in [*runs, *more]))
        repaired.expect(ended == bench.all, f"never ran: {bench.all - ended}")
        bench.nothing_to_do()
    return "65, then 0"


def rows(table, some):
    table.row("something behind the records", [(n, w) for n in TAILS for w in (False, True)], tail)
    table.row("no journal", NO_JOURNALS, no_journal)
    table.row("an empty file", [b""], nothing)
    points = [(first, second) for first in (False, True) for second in (False, True, None)]
    table.row("two journals in one", points, joined)
