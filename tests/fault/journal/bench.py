"""What the kinds of fault share: a list of jobs, runs of gentlify over it, and what must hold.

Each job writes +N into a ledger as it begins, and -N before it prints N and ends; so what has
happened is known whatever becomes of the journal and of gentlify.
"""

import collections
import ctypes
import dataclasses
import errno
import functools
import json
import multiprocessing
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

GENTLIFY = os.environ["GENTLIFY"]
BUILD = pathlib.Path(os.environ["BUILD"])
SHIM = BUILD / "libjournal_shim.so"
SLOTS = 3
MOST = 60  # seconds for a run

# A job whose number ends in 7 fails for good, the first attempt of the 13th is to be repeated.
JOB = (
    'echo "+$1" >>"$LEDGER"; case $1 in 13) [ -e "$FLAKY" ] || { : >"$FLAKY"; exit 1; };; esac; '
    'echo "-$1" >>"$LEDGER"; echo "$1"; case $1 in *7) exit 9; esac'
)
# As quick as can be, without ends: where the journal alone is looked at.
TINY = 'echo "+$1" >>"$LEDGER"; echo "-$1" >>"$LEDGER"; echo "$1"'
SLOW = 'echo "+$1" >>"$LEDGER"; sleep 0.02; echo "-$1" >>"$LEDGER"; echo "$1"'
# As quick, but for the second, which outlasts a second try of what failed.
LONG = (
    'echo "+$1" >>"$LEDGER"; case $1 in 2) sleep 1.5;; esac; echo "-$1" >>"$LEDGER"; echo "$1"'
)


class Wrong(Exception):
    """Something that must hold does not."""


def expect(holds, message):
    if not holds:
        raise Wrong(message)


# The journal.

try:
    _xxh3 = ctypes.CDLL("libxxhash.so.0").XXH3_64bits
    _xxh3.restype = ctypes.c_uint64
    _xxh3.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
except OSError:
    _xxh3 = None

_SUM = re.compile(rb',"sum":"([0-9a-f]{16})"}$')


def record_of(line):
    """The record in a line without its end; None where it is not intact."""
    found = _SUM.search(line)
    if not found:
        return None
    text = line[: found.start()]
    if _xxh3 and int(found[1], 16) != _xxh3(text, len(text)):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def records_of(line):
    """What is in a line, or in two whose end between was changed."""
    whole = record_of(line)
    if whole is None and (begin := line.rfind(b'{"t":"')) > 0:
        if (second := record_of(line[begin:])) is not None:
            return [None, second]
    return [whole]


class Journal:
    """What a journal says, as anybody would read it."""

    def __init__(self, content):
        lines = content.split(b"\n")
        tail = lines.pop()
        self.torn = tail != b""
        # Cut just before its end, a record may pass or not.
        whole = record_of(tail)
        self.perhaps = {whole["seq"]} if whole and whole.get("t") == "end" else set()
        self.records = [record for line in lines for record in records_of(line)]
        self.bad = self.records.count(None)

    @property
    def corrupt(self):
        """A bad record stands before a good one."""
        good = [r is not None for r in self.records]
        return not all(good[: len(good) - good[::-1].index(True)]) if any(good) else False

    @staticmethod
    def of(path):
        return Journal(path.read_bytes() if path.exists() else b"")

    def of_type(self, name):
        return [r for r in self.records if r and r.get("t") == name]

    @property
    def started(self):
        return {r["seq"] for r in self.of_type("start")}

    @property
    def ended(self):
        return {r["seq"] for r in self.of_type("end")}

    @property
    def done(self):
        """The jobs that are over for good."""
        fate = {r["seq"]: r["fate"] for r in self.of_type("end")}
        return {seq for seq, is_what in fate.items() if is_what in ("done", "failed")}


# Runs.


@dataclasses.dataclass
class Fault:
    """A fault of the shim: see shim.cc."""

    calls: str
    at: str
    do: str

    def __str__(self):
        return f"{self.do} at {self.calls} {self.at}"


@dataclasses.dataclass
class Call:
    name: str
    pid: int
    begin: int
    length: int
    size: int
    result: int


class Ledger:
    def __init__(self, path):
        lines = path.read_text().splitlines() if path.exists() else []
        self.starts = [int(line[1:]) for line in lines if line.startswith("+")]
        self.ends = {int(line[1:]) for line in lines if line.startswith("-")}
        self.fault = "!" in lines
        # What started after the fault had come.
        late = lines[lines.index("!") :] if self.fault else []
        self.late = [int(line[1:]) for line in late if line.startswith("+")]


@dataclasses.dataclass
class Run:
    status: int
    shown: list
    said: str
    ledger: Ledger
    calls: list
    what: str  # to be read by people

    def expect(self, holds, message):
        expect(holds, f"{self.what}: {message}\n{self.said.rstrip()}")


class Bench:
    """A directory for one journal and the runs over it."""

    def __init__(self, jobs, job=JOB, flags=(), resume="--resume"):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="point.", dir=places().quick))
        self.journal = self.home / "journal"
        self.jobs = jobs
        self.job = job
        self.flags = [*flags]
        self.resume = resume
        self.runs = 0

    def fill(self, content):
        self.journal.write_bytes(content)
        self.journal.chmod(0o600)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def all(self):
        return set(range(1, self.jobs + 1))

    @property
    def status(self):
        """What a run must exit with in which every job has come to its end."""
        return 1 if self.job == JOB and self.jobs >= 7 else 0

    def command(self, *flags):
        own = ["--controller", "fixed", "--progress", "none", "--permanent-exit", "9"]
        retry = ["--retries", "1", "--retry-base-delay", "1ms"]
        journal = ["--journal", str(self.journal)]
        return [GENTLIFY, "-j", str(SLOTS), *own, *retry, *journal, *self.flags, *flags,
                "sh", "-c", self.job, "sh"]  # fmt: skip

    def environment(self, fault, trace):
        self.runs += 1
        new = dict(os.environ)
        new["LEDGER"] = str(self.home / f"ledger.{self.runs}")
        new["FLAKY"] = str(self.home / "flaky")
        # LeakSanitizer cannot work while it is traced, and takes its time.
        new["ASAN_OPTIONS"] = new.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        if fault or trace:
            new["LD_PRELOAD"] = preload()
            new["FAULT_FILE"] = str(self.journal)
            new["FAULT_MARK"] = new["LEDGER"]
        if fault:
            new["FAULT_CALLS"], new["FAULT_AT"], new["FAULT_DO"] = fault.calls, fault.at, fault.do
        if trace:
            new["FAULT_TRACE"] = str(self.home / f"trace.{self.runs}")
        return new

    def start(self, *flags, fault=None, trace=False, prefix=(), stderr=subprocess.PIPE):
        """Begins a run over the list: it, and what it was begun with."""
        environment = self.environment(fault, trace)
        with places().items(self.jobs).open() as items:
            child = subprocess.Popen(
                [*prefix, *self.command(*flags)], stdin=items, stdout=subprocess.PIPE,
                stderr=stderr, env=environment, cwd=places().cwd,
            )  # fmt: skip
        return child, environment, f"run {self.runs} ({' '.join(map(str, [*flags, fault or '']))})"

    def end(self, started):
        """What has become of it."""
        child, environment, what = started
        try:
            shown, said = child.communicate(timeout=MOST)
        except subprocess.TimeoutExpired:
            kill_all_children()
            raise Wrong(f"{what}: not over after {MOST} s") from None
        status = child.returncode if child.returncode >= 0 else 128 - child.returncode
        return Run(
            status, shown.decode(errors="replace").split(), said.decode(errors="replace"),
            Ledger(pathlib.Path(environment["LEDGER"])),
            read_calls(pathlib.Path(environment.get("FAULT_TRACE", "/dev/null"))),
            f"{what}, exit {status}",
        )  # fmt: skip

    def run(self, *flags, **options):
        """One run over the list, to its end; nothing of it may be alive afterwards."""
        run = self.end(self.start(*flags, **options))
        expect_nothing_left()
        return run

    # What must hold.

    def check(self, run, before=None, write_failed=False):
        """Of a run, whatever has become of it, with the journal as it stands now."""
        now = Journal.of(self.journal)
        before = before or Journal(b"")
        twice = [n for n, k in collections.Counter(run.ledger.starts).items() if k > 1 and n != 13]
        run.expect(not twice, f"ran twice: {twice}")
        again = before.done & set(run.ledger.starts)
        run.expect(not again, f"done, and ran again: {sorted(again)}")
        unwritten = set(run.ledger.starts) - now.started
        run.expect(not unwritten, f"ran without a start record: {sorted(unwritten)}")
        early = now.done - before.done - run.ledger.ends
        run.expect(not early, f"said to be over, and is not: {sorted(early)}")
        shown = {int(n) for n in run.shown}
        strange = shown - run.ledger.ends
        run.expect(not strange, f"shown, and did not end: {sorted(strange)}")
        if not write_failed:
            unwritten = shown - now.ended
            run.expect(not unwritten, f"shown without an end record: {sorted(unwritten)}")
        return now

    def check_drained(self, run, late=SLOTS):
        """The journal could not be written: nothing more starts, and what runs ends."""
        run.expect(len(run.ledger.late) <= late, f"started after the fault: {run.ledger.late}")
        unfinished = set(run.ledger.starts) - run.ledger.ends - {13}
        run.expect(not unfinished, f"did not come to their end: {sorted(unfinished)}")
        hidden = run.ledger.ends - {int(n) for n in run.shown}
        run.expect(not hidden, f"ended, and not shown: {sorted(hidden)}")

    def complete(self, earlier, *flags, before=None):
        """A last run completes the list."""
        before = before or Journal.of(self.journal)
        run = self.run(*(flags or (self.resume,)))
        self.check_completed(run, earlier, before)
        return run

    def check_completed(self, run, earlier, before):
        """The list is complete, and the run did what was to do for that, and nothing else."""
        run.expect(run.status == self.status, f"expected {self.status}")
        now = self.check(run, before)
        ended = run.ledger.ends.union(*(r.ledger.ends for r in earlier))
        run.expect(ended == self.all, f"never ran to their end: {sorted(self.all - ended)}")
        ran = set(run.ledger.starts)
        to_do = self.all - before.done
        run.expect(ran in (to_do, to_do - before.perhaps), f"ran {sorted(ran)}, to do was {to_do}")
        run.expect({int(n) for n in run.shown} == ran, "output is lost")
        run.expect(now.done == self.all, f"not over in the journal: {sorted(self.all - now.done)}")
        run.expect(not now.bad and not now.torn, "the journal has bad records")
        last = now.records[-1]
        closed = last["t"] == "close" and last["exit"] == self.status
        run.expect(closed, f"at the end stands {last}")

    def nothing_to_do(self):
        run = self.run(self.resume)
        run.expect(run.status == self.status, f"expected {self.status}")
        run.expect(not run.ledger.starts and not run.shown, f"ran again: {run.ledger.starts}")


def read_calls(path):
    calls = []
    for line in path.read_text().splitlines() if path.exists() else []:
        name, *numbers = line.split()
        calls.append(Call(name, *map(int, numbers)))
    return calls


# Processes.


def become_reaper():
    """Whatever of a run outlives its parent becomes our child."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def become_worker():
    """One of ours, that does not outlive us."""
    become_reaper()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


def children():
    return pathlib.Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()


def kill_all_children():
    """Them, and what becomes our child by that."""
    while True:
        for pid in children():
            os.kill(int(pid), signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def expect_nothing_left():
    """A second is what is promised; a busy machine may take longer."""
    end = time.monotonic() + 5
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return
        if time.monotonic() > end:
            left = [pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children()]
            kill_all_children()
            raise Wrong(f"still alive after 5 s: {left}")
        time.sleep(0.001)


@functools.cache
def is_instrumented():
    return b"__asan_init" in pathlib.Path(GENTLIFY).read_bytes()


@functools.cache
def preload():
    """A sanitizer wants to be the first."""
    if not is_instrumented():
        return str(SHIM)
    linked = subprocess.run(["ldd", GENTLIFY], capture_output=True, text=True, check=True).stdout
    first = re.search(r"=> (\S*lib(?:clang_rt\.)?asan\S*)", linked)
    return f"{first[1]}:{SHIM}" if first else str(SHIM)


# Places.


class Places:
    """Where runs take place: all in one directory, since that is a part of what a journal holds."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="journal."))
        # Thousands of journals; what a disk does is the matter of other kinds.
        self.quick = self.root
        if os.access("/dev/shm", os.W_OK):
            self.quick = pathlib.Path(tempfile.mkdtemp(prefix="journal.", dir="/dev/shm"))
        self.cwd = self.root / "cwd"
        self.cwd.mkdir()

    def items(self, many):
        path = self.root / f"items.{many}"
        if not path.exists():
            part = path.with_suffix(f".{os.getpid()}")
            part.write_text("".join(f"{n}\n" for n in range(1, many + 1)))
            part.rename(path)
        return path

    def remove(self):
        """Also while what was killed is still at work in them."""
        for _ in range(100):
            shutil.rmtree(self.root, ignore_errors=True)
            shutil.rmtree(self.quick, ignore_errors=True)
            if not self.root.exists() and not self.quick.exists():
                return
            time.sleep(0.01)


_places = None


def places():
    global _places
    if _places is None:
        _places = Places()
    return _places


# Tables.


class Skip(Exception):
    """The kind cannot be tried here."""


_try = None


def _one(point):
    try:
        return point, _try(point), None
    except Wrong as wrong:
        return point, None, str(wrong)
    except Exception as error:  # the point is not tried, which must show
        return point, None, f"{type(error).__name__}: {error}"


def in_turn(points, attempt):
    """attempt(point) for each, two at a time: (point, how it ended, what was wrong)."""
    global _try
    _try = attempt
    places()
    with multiprocessing.get_context("fork").Pool(2, become_worker) as pool:
        yield from pool.imap_unordered(_one, points, chunksize=1)


class Table:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def row(self, name, points, attempt):
        """A line for the points of one kind of fault; attempt tells how one ended."""
        begin = time.monotonic()
        points = list(points)
        ended = collections.Counter()
        wrongs = []
        for point, how, wrong in in_turn(points, attempt):
            if wrong is None:
                ended[how] += 1
            else:
                wrongs.append((point, wrong))
        self.passed += len(points) - len(wrongs)
        self.failed += len(wrongs)
        hows = ", ".join(f"{how} ({many})" for how, many in ended.most_common())
        if wrongs:
            hows += f"{', ' if hows else ''}WRONG ({len(wrongs)})"
        seconds = time.monotonic() - begin
        print(f"{name:<44} {len(points):>6} {seconds:>5.0f} s  {hows}", flush=True)
        for point, wrong in sorted(wrongs, key=str)[:4]:
            text = wrong[:1000].replace("\n", "\n      ")
            print(f"    FAILED at {point}: {text}", flush=True)

    def fail(self, name, wrong):
        """The points of a kind cannot even be found."""
        self.failed += 1
        print(f"{name}: FAILED: {wrong}", flush=True)

    def skip(self, name, why):
        print(f"{name:<44}      -          skipped: {why}", flush=True)


def error_number(name):
    return str(getattr(errno, name))
