"""The journal is on a file system that fills up."""

from bench import TINY, Bench, Skip
from disks import Tmpfs, need_root
from errors import CANNOT_WRITE
from kills import spread

JOBS = 1000


def fill(point):
    size, flags = point
    bench = Bench(JOBS, job=TINY, flags=flags)
    with bench, Tmpfs(bench.home / "small", f"{size}k") as disk:
        bench.journal = disk.path / "journal"
        first = bench.run()
        first.expect(first.status == CANNOT_WRITE, f"expected {CANNOT_WRITE}")
        first.expect(first.ledger.starts, "nothing ran")
        now = bench.check(first, write_failed=True)
        bench.check_drained(first)
        # Still full: nothing can be added to it, not even that it goes on.
        second = bench.run("--resume")
        second.expect(second.status in (73, CANNOT_WRITE), "expected 73 or 74")
        bench.check(second, now, write_failed=True)
        disk.grow("8m")
        bench.complete([first, second])
        bench.nothing_to_do()
    return f"{first.status}, full {second.status}, then 0"


def rows(table, some):
    name = "a small disk fills"
    try:
        need_root()
    except Skip as why:
        return table.skip(name, why)
    points = [(size, ()) for size in range(16, 129, 4)]
    points += [(64, ("--journal-sync", sync)) for sync in ("always", "off")]
    table.row(name, spread(points, some), fill)
