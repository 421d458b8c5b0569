"""The disk with the journal loses its power, at some moment of a run, and comes back.

What has reached it then is what it holds. Jobs and their ledger are elsewhere.
"""

import functools
import os
import pathlib
import random
import select
import signal
import subprocess
import time

from bench import (
    SLOW, Bench, Journal, Ledger, Run, Skip, kill_all_children, read_calls,
)  # fmt: skip
from disks import Disk, need_root
from kills import damaged, spread

JOBS = 150  # for a second
CUTS = 2  # of a run, and of its resume
SLACK = 0.05  # seconds for a busy machine


class Cut(Run):
    """A run that has lost the disk of its journal."""

    def __init__(self, bench, disk, seconds, flags):
        child, environment, what = bench.start(*flags, trace=True, stderr=subprocess.DEVNULL)
        shown = {}  # when each job was
        out = child.stdout.fileno()
        end = time.time() + seconds
        rest = b""
        while (left := end - time.time()) > 0:
            if not select.select([out], [], [], left)[0]:
                break
            text = os.read(out, 65536)
            if not text:
                break
            *lines, rest = (rest + text).split(b"\n")
            shown.update((int(line), time.time()) for line in lines)
        cut = time.time()
        disk.lose_power()
        kill_all_children()
        child.stdout.close()
        child.wait()
        disk.come_back()
        ledger = Ledger(pathlib.Path(environment["LEDGER"]))
        calls = read_calls(pathlib.Path(environment["FAULT_TRACE"]))
        what += f", power cut after {seconds:.3f} s"
        super().__init__(137, list(shown), "", ledger, calls, what)
        self.longest_sync = max((c.length / 1e9 for c in calls if "sync" in c.name), default=0)
        now = Journal.of(bench.journal)
        self.lost = {n: cut - at for n, at in shown.items() if n not in now.done}
        self.lost_since = max(self.lost.values(), default=0)


def check(bench, cut, earlier, before):
    """What holds however much was lost."""
    now = Journal.of(bench.journal)
    cut.expect(before.done <= now.done, f"an earlier run has lost {before.done - now.done}")
    early = now.done.difference(*(run.ledger.ends for run in [*earlier, cut]))
    cut.expect(not early, f"said to be over, and is not: {early}")
    again = before.done & set(cut.ledger.starts)
    cut.expect(not again, f"done, and ran again: {again}")
    return now


def lose(cached, sync, seed):
    chance = random.Random(seed)
    flags = ("--journal-sync", sync)
    with Bench(JOBS, job=SLOW, flags=flags) as bench, Disk(bench.home, cached) as disk:
        bench.journal = disk.path / "journal"
        cuts = []
        now = Journal(b"")
        for _ in range(CUTS):
            # The beginning, too, is to be met.
            seconds = chance.uniform(0, chance.choice((0.05, 0.7)))
            cut = Cut(bench, disk, seconds, ("--resume",))
            now = check(bench, cut, cuts, now)
            if sync == "always":
                cut.expect(not cut.lost, f"shown, and lost: {sorted(cut.lost)}")
            # A sync may be at work when something is to be synced, and is waited for.
            most = 0.1 + 2 * cut.longest_sync + SLACK
            cut.expect(cut.lost_since <= most, f"lost what was shown {cut.lost_since:.3f} s before")
            cuts.append(cut)
        if now.done != bench.all:
            bench.complete(cuts)
    most = max(cut.lost_since for cut in cuts) * 1000
    return f"lost up to {-(-most // 25) * 25:.0f} ms"


def lose_unsynced(cached, seed):
    """That power cuts cut: what nobody has synced is lost, although it was long ago."""
    flags = ("--journal-sync", "off")
    # A machine that is busy may not have shown anything by then.
    for seconds in (0.5, 2, 8):
        with Bench(JOBS, job=SLOW, flags=flags) as bench, Disk(bench.home, cached) as disk:
            bench.journal = disk.path / "journal"
            cut = Cut(bench, disk, seconds, ())
            check(bench, cut, [], Journal(b""))
            if cut.lost_since > 0.25:
                bench.complete([cut])
                return "lost all"
    cut.expect(False, "nothing is lost: this proves nothing of the others")


def lose_after_end(cached, seed):
    """A run that has ended, by itself or since it was told to, has lost nothing."""
    with Bench(JOBS, job=SLOW) as bench, Disk(bench.home, cached) as disk:
        bench.journal = disk.path / "journal"
        started = bench.start()
        time.sleep(random.Random(seed).uniform(0.05, 0.5))
        started[0].terminate()
        first = bench.end(started)
        disk.lose_power()
        disk.come_back()
        first.expect(first.status == 128 + signal.SIGTERM, "expected 143")
        lost = first.ledger.ends - Journal.of(bench.journal).done
        first.expect(not lost, f"lost: {lost}")
        second = bench.complete([first])
        disk.lose_power()
        disk.come_back()
        lost = bench.all - Journal.of(bench.journal).done
        second.expect(not lost, f"lost: {lost}")
        bench.nothing_to_do()
    return "lost nothing"


def lose_repaired(cached, seed):
    """The journal is repaired when the power fails."""
    with Bench(JOBS) as bench, Disk(bench.home, cached) as disk:
        bench.journal = disk.path / "journal"
        first = damaged(bench)
        was = bench.journal.read_bytes()
        before = Journal(was)
        os.sync()
        cut = Cut(bench, disk, random.Random(seed).uniform(0, 0.05), ("--repair",))
        cut.expect(bench.journal.exists(), "there is no journal any more")
        content = bench.journal.read_bytes()
        if content != was:
            copies = [p.read_bytes() for p in disk.path.glob("journal.damaged*")]
            cut.expect(was in copies, "the journal is changed, and there is no copy")
            cut.expect(not Journal(content).corrupt, "the journal is repaired by half")
        check(bench, cut, [first], before)
        bench.complete([first, cut], "--repair" if content == was else "--resume")
    return "not repaired yet" if content == was else "repaired"


def rows(table, some):
    kinds = [
        ("always", lose), ("100ms", lose), ("off", lose_unsynced),
        ("repair", lose_repaired), ("after the end", lose_after_end),
    ]  # fmt: skip
    for cached in (False, True):
        for kind, attempt in kinds:
            name = f"power cut, {kind}, {'a cache' if cached else 'no cache'}"
            try:
                need_root()
            except Skip as why:
                table.skip(name, why)
                continue
            if attempt == lose:
                attempt = functools.partial(lose, cached, kind)
            else:
                attempt = functools.partial(attempt, cached)
            table.row(name, spread(range(4 if kind == "off" else 20), some), attempt)
