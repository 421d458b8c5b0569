"""What happens in a run: a pure function of the seed and the mode."""

import random
from dataclasses import dataclass, field

KILLS = ["kill worker", "kill guardian", "kill host"]
STOPS = ["stop worker", "stop guardian", "stop host"]
PARTITIONS = ["cut off", "refuse", "late replies", "late requests", "slow", "tear replies"]
REFUSALS = ["out of memory", "read only", "busy"]  # the server says that it cannot do it now
SERVER = ["kill redis", "stop redis", "flushall", "script flush", "clock", *REFUSALS]


@dataclass
class Fault:
    at: float
    what: str
    host: str = ""
    lasts: float = 0.0
    back: float | None = None  # a killed or drained host: resumed so long after its end
    ahead: int = 0  # the clock, in seconds

    def __str__(self):
        text = f"{self.at:6.2f} s  {self.what} {self.host}".rstrip()
        if self.what == "clock":
            text += f" {self.ahead:+d} s"
        if self.lasts:
            text += f" for {self.lasts:.2f} s"
        if self.back is not None:
            text += f", resumed {self.back:.2f} s later"
        return text


@dataclass
class HostPlan:
    name: str
    joins: float
    slots: int
    controller: str
    items: list[str]


@dataclass
class Scenario:
    seed: int
    strict: bool
    ttl: int
    limit: int = 0
    rate: int = 0
    burst: int = 1
    jobs: str = "range"  # range, stream; none: each host has a list of its own
    aof: bool = False
    login: str = ""  # password, user
    items: list[str] = field(default_factory=list)
    hosts: list[HostPlan] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def title(self):
        words = [f"{len(self.hosts)} hosts (-j {','.join(str(h.slots) for h in self.hosts)})"]
        words.append(f"ttl {self.ttl} s")
        if self.limit:
            words.append(f"concurrency {self.limit}")
        if self.rate:
            words.append(f"rate {self.rate}/s burst {self.burst}")
        words.append({"none": "own lists"}.get(self.jobs, self.jobs) + f" of {len(self.items)}")
        words += ["aof"] if self.aof else []
        words += [self.login] if self.login else []
        return ", ".join(words)


def make(seed, mode, kinds=("range", "none", "stream")):
    chance = random.Random(f"{seed} {mode}")
    made = Scenario(seed, mode == "strict", chance.choice([2, 3, 4]))
    shared = [kind for kind in kinds if kind != "none"]
    if shared and chance.random() < 0.15:
        made.jobs = chance.choice(shared)
        lonely_death(chance, made)
    else:
        anything(chance, made, kinds)
    return made


def lonely_death(chance, made):
    """One host dies, and nothing else happens: what it held must be used soon."""
    made.limit = chance.randint(3, 8)
    add_hosts(chance, made, chance.randint(3, 5), ["fixed"])
    for host in made.hosts:
        host.joins, host.slots = 0.0, max(host.slots, 2)
    made.items = list_of(chance, made, 1.2 * made.ttl + 5, plain=True)
    at = made.ttl * 2 + 1.3
    made.faults = [Fault(at, chance.choice(KILLS), made.hosts[-1].name)]


def anything(chance, made, kinds):
    made.limit = chance.choice([0, 2, 3, 4, 5, 6, 8])
    if made.limit == 0 or chance.random() < 0.4:
        made.rate = chance.randint(15, 60)
        made.burst = chance.choice([1, 1, chance.randint(2, 2 * made.rate)])
    made.jobs = chance.choice(kinds)
    made.aof = chance.random() < 0.5
    made.login = chance.choice(["", "", "password", "user"])
    add_hosts(chance, made, chance.randint(2, 6), ["fixed", "fixed", "hover"])
    made.items = list_of(chance, made, 9)
    if made.jobs == "none":
        for i, host in enumerate(made.hosts):
            host.items = made.items[i :: len(made.hosts)]
    server_faults(chance, made)
    host_faults(chance, made)
    made.faults.sort(key=lambda fault: fault.at)


def add_hosts(chance, made, count, controllers):
    for i in range(count):
        joins = chance.uniform(0.5, 8) if i and chance.random() < 0.3 else 0.0
        made.hosts.append(
            HostPlan(f"h{i}", joins, chance.randint(1, 6), chance.choice(controllers), [])
        )


def list_of(chance, made, seconds, plain=False):
    """As much as the fleet does in so long, if nothing disturbs it."""
    least, most = (20, 80) if made.rate else (40, 250)
    mean = (least + most) / 2000
    speed = sum(host.slots for host in made.hosts) / mean
    if made.limit:
        speed = min(speed, made.limit / mean)
    if made.rate:
        speed = min(speed, made.rate)
    kinds = ["ok"] * 200
    if not plain:
        kinds[:3] = ["once"] * 3
        kinds[3:5] = chance.choice([["ok"] * 2, ["busy"] * 2, ["bad"] * 2])
    count = max(20, min(600, int(speed * seconds)))
    return [f"{n}:{chance.randint(least, most)}:{chance.choice(kinds)}" for n in range(1, count + 1)]


def server_faults(chance, made):
    """What was pushed is nowhere else: it is whole before the first fault, and the server keeps it."""
    at, ahead = chance.uniform(0.3, made.ttl + 2), 0
    kinds = SERVER
    if made.jobs == "stream":
        made.aof, at = True, at + 2.5
        kinds = [kind for kind in SERVER if kind != "flushall"]
    for _ in range(chance.randint(0, 3)):
        fault = Fault(at, chance.choice(kinds))
        if fault.what == "kill redis":
            fault.lasts = chance.uniform(0.1, 1.5 * made.ttl)
        elif fault.what == "stop redis" or fault.what in REFUSALS:
            fault.lasts = chance.uniform(0.2, 1.8 * made.ttl)
        elif fault.what == "clock":
            ahead = fault.ahead = chance.choice([a for a in (-3600, 0, 3600) if a != ahead])
        made.faults.append(fault)
        at += fault.lasts + chance.uniform(0.2, 4)


def host_faults(chance, made):
    free = {host.name: host.joins + 0.3 for host in made.hosts}
    for _ in range(chance.randint(2, 6)):
        host = chance.choice(made.hosts)
        at = max(free[host.name], chance.uniform(0.5, made.ttl + 7))
        group = chance.choice([KILLS, STOPS, PARTITIONS, PARTITIONS, ["term"]])
        fault = Fault(at, chance.choice(group), host.name)
        if group is STOPS or group is PARTITIONS:
            fault.lasts = chance.uniform(0.2, 1.8 * made.ttl)
            free[host.name] = at + fault.lasts + 0.2
        else:
            # The first host always comes back, so that the list is done; so do owners of a list.
            returns = host is made.hosts[0] or made.jobs == "none" or chance.random() < 0.5
            if returns:
                fault.back = chance.uniform(0.3, 2 * made.ttl)
            free[host.name] = at + fault.back + 2 if returns else 1e9
        if fault.at < 1e8:
            made.faults.append(fault)
