"""What is known of a run of a fleet when it is over: the log of its jobs, and what the harness did.

All times are seconds of the monotonic clock, from the begin of the run on.
"""

from dataclasses import dataclass, field

# How a host ends whose guardian had to fence it, and one that found no server for 10 s.
FENCED, UNREACHABLE = 75, 69

# A host's fence is counted from the sending of a call; the harness sees the call a little later.
SEEN_LATE = 0.05


@dataclass
class Attempt:
    """A job that was started, by its own account."""

    host: str
    pid: int
    item: str
    start: float
    seen: float  # it was certainly still running then
    end: float | None = None
    status: int | None = None  # nothing: it was killed

    @property
    def last(self):
        """The earliest moment at which it can have ended."""
        return self.seen if self.end is None else self.end

    @property
    def done(self):
        return self.status == 0


@dataclass
class Life:
    """A host from its start to its end; a host that is resumed has several."""

    begin: float
    end: float | None = None
    status: int | None = None
    killed: float | None = None  # when the harness did it
    term: float | None = None


@dataclass
class Host:
    name: str
    slots: int  # -j
    lives: list[Life] = field(default_factory=list)
    answers: list[tuple[float, float]] = field(default_factory=list)  # delivered, call sent
    worker_stops: list[tuple[float, float]] = field(default_factory=list)
    guardian_stops: list[tuple[float, float]] = field(default_factory=list)


    def was_fenced_dead(self, life, strict):
        """A worker that is stopped cannot end its jobs in time: its guardian kills it then."""
        return strict and life.status == FENCED and bool(self.worker_stops)

    def found_nobody(self, life):
        """It had no answer, for as long as a host tries."""
        end = life.begin if life.end is None else life.end
        answered = any(life.begin <= delivered <= end for delivered, _ in self.answers)
        return life.status == UNREACHABLE and not answered and end - life.begin > 9.5


@dataclass
class Fence:
    """A host may start nothing: its last call that was answered is too long ago."""

    begin: float
    end: float
    since: float  # when that call was sent


@dataclass
class Facts:
    strict: bool
    ttl: float
    limit: int  # 0: none
    rate: float  # a second; 0: none
    burst: int
    items: list[str]
    hosts: dict[str, Host]
    shared_list: bool = True
    adaptive: bool = False
    # From, to, what; a host's death is no such disturbance, but its return is.
    disturbances: list[tuple[float, float, str]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)  # the server has forgotten everything
    left: list[str] = field(default_factory=list)  # what was alive after the end
    hung: list[str] = field(default_factory=list)  # hosts that did not end


def fences(facts, host):
    """When `host` was fenced, as its clients' rule has it: 0.9 ttl after the sending."""
    found = []
    for life in host.lives:
        end_of_life = float("inf") if life.end is None else life.end
        since, until = life.begin, life.begin
        for delivered, sent in sorted(host.answers):
            if not life.begin <= delivered <= end_of_life:
                continue
            if delivered > until:
                found.append(Fence(until, delivered, since))
            if sent + 0.9 * facts.ttl > until:
                since, until = sent, sent + 0.9 * facts.ttl
        if until < end_of_life:
            found.append(Fence(until, end_of_life, since))
    return found


def read_attempts(host, path, begin):
    """The log of one host, as fleet_job writes it."""
    found = {}
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return []
    attempts = []
    for line in lines:
        what, time, pid, item, last = line.split(" ")
        at = int(time) / 1e9 - begin
        if what == "S":
            attempt = Attempt(host, int(pid), item, at, int(last) / 1e9 - begin)
            attempts.append(attempt)
            found[pid] = attempt  # a number may come again, but not before its job has ended
        else:
            found[pid].end, found[pid].status = at, int(last)
    return attempts
