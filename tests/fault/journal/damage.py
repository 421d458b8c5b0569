"""The journal is cut at each of its bytes, and each of its bytes is changed."""

import functools

from bench import TINY, Bench, Fault, Journal
from kills import spread

JOBS = 5
CORRUPT = 65


def base(whole):
    """A journal of a run that was killed, and where it is to be whole, of its resume, too."""
    with Bench(JOBS, job=TINY, flags=("-j", "2")) as bench:
        runs = [bench.run(fault=Fault("write", "5", "after"))]
        if whole:
            runs.append(bench.complete(runs))
        return bench.journal.read_bytes(), runs


def cut(journal, runs, at):
    """What is there at the end is no record any more, or no whole one: it is forgotten."""
    with Bench(JOBS, job=TINY, flags=("-j", "2")) as bench:
        bench.fill(journal[:at])
        bench.complete(runs)
    return "0"


def change(journal, runs, point):
    """Either it does not matter, or nothing runs until --repair is given."""
    at, bit = point
    content = bytearray(journal)
    content[at] ^= bit
    before = Journal(bytes(content))
    with Bench(JOBS, job=TINY, flags=("-j", "2")) as bench:
        bench.fill(content)
        run = bench.run("--resume")
        if not before.corrupt:
            bench.check_completed(run, runs, before)
            return "0"
        run.expect(run.status == CORRUPT, f"expected {CORRUPT}")
        run.expect(not run.ledger.starts, f"ran: {run.ledger.starts}")
        run.expect(bench.journal.read_bytes() == content, "the journal is changed")
        bench.complete(runs, "--repair", before=before)
        copies = [p.read_bytes() for p in bench.home.glob("journal.damaged*")]
        run.expect(copies == [content], "--repair has kept no copy")
    return "65, then 0"


def rows(table, some):
    for whole, name in ((False, "a run that was killed"), (True, "a resumed run")):
        journal, runs = base(whole)
        points = spread(range(len(journal) + 1), some)
        table.row(f"cut: {name}", points, functools.partial(cut, journal, runs))
        bits = (0x80,) if whole else (0x01, 0x80)
        for bit in bits:
            points = spread([(at, bit) for at in range(len(journal))], some)
            attempt = functools.partial(change, journal, runs)
            table.row(f"changed by {bit:#04x}: {name}", points, attempt)
