"""Plays one scenario with real processes, and gives what became of it."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from checker import check, peak, rate_slack
from facts import Facts, read_attempts
from loop import Loop
from processes import Gentlify, Redis, send
from proxy import Proxy

# After the last fault; what is left of the list then takes some seconds.
PATIENCE = 45
MARK = "FLEET_CHAOS"

# What the server is told at the begin of a fault, and at its end.
TOLD = {
    "flushall": ["FLUSHALL"],
    "script flush": ["SCRIPT FLUSH"],
    "out of memory": ["CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"],
    "read only": ["REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"],
    "busy": ['EVAL "while true do end" 0', "SCRIPT KILL"],
}


class Run:
    def __init__(self, scenario, build):
        self.scenario, self.build = scenario, build
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"chaos-{scenario.seed}-"))
        self.environment = {MARK: str(self.directory)}
        self.redis = Redis(self.directory / "redis", build, scenario.aof, scenario.login)
        self.loop = None
        self.hosts = {}
        self.disturbances, self.losses, self.hung = [], [], []
        self.pushes = []
        self.planned = 0  # hosts that are still to start
        self.calm = 0.0  # when the last fault is over

    def play(self):
        """Sentences about what was broken, and one about the run."""
        try:
            self.redis.start()
            self.redis.wait_until_it_answers()
            self.loop = Loop()
            self._plan()
            self.loop.run(self._is_over)
            if self.hung:
                time.sleep(0.5)
            return self._judge()
        finally:
            self.clean_up()

    def clean_up(self):
        for pid in marked(self.environment):
            send(pid, signal.SIGKILL)
        self.redis.kill()

    def forget(self):
        shutil.rmtree(self.directory, ignore_errors=True)

    def _plan(self):
        for plan in self.scenario.hosts:
            proxy = Proxy(self.loop, self.redis.port)
            words = self._words(plan, self.redis.url(proxy.port))
            host = Gentlify(
                self.loop, self.directory, self.build, plan, words, proxy, self.environment,
                self._on_end,
            )
            self.hosts[plan.name] = host
            self._start_at(plan.joins, host)
        if self.scenario.jobs == "stream":
            self._push()
        for fault in self.scenario.faults:
            self.calm = max(self.calm, fault.at + fault.lasts + (fault.back or 0))
            self.loop.at(fault.at, lambda fault=fault: self._do(fault))
        self._look()

    def _words(self, plan, url):
        made = self.scenario
        words = ["--fleet", url, "--fleet-ttl", f"{made.ttl}s", "-j", str(plan.slots)]
        words += ["--controller", plan.controller, "--journal", f"{plan.name}.jnl"]
        words += ["--retries", "2", "--retry-base-delay", "0.1", "-q", "--output", "discard"]
        if made.strict:
            words.append("--fleet-strict")
        if made.limit:
            words += ["--fleet-concurrency", str(made.limit)]
        if made.rate:
            words += ["--rate", f"{made.rate}/s"]
        if made.burst > 1:
            words += ["--rate-mode", "burst", "--burst", str(made.burst)]
        if made.jobs != "none":
            words += ["--fleet-jobs", made.jobs]
        if made.jobs != "stream":
            name = f"{plan.name}.list" if made.jobs == "none" else "list"
            items = plan.items if made.jobs == "none" else made.items
            (self.directory / name).write_text("".join(f"{item}\n" for item in items))
            words += ["-a", name]
        return words

    def _push(self):
        """The list grows: half of it is there when the hosts begin, the rest comes later."""
        items = self.scenario.items
        half = len(items) // 2
        self.loop.at(0, lambda: self._push_some("first", items[:half], []))
        self.loop.at(1.5, lambda: self._push_some("rest", items[half:], ["--end"]))

    def _push_some(self, name, items, words):
        path = self.directory / f"{name}.list"
        path.write_text("".join(f"{item}\n" for item in items))
        command = [self.build / "gentlify", "push", "--fleet", self.redis.url(self.redis.port)]
        with open(self.directory / "push.err", "a") as said:
            self.pushes.append(
                subprocess.Popen(
                    [*command, *words, "-a", path], cwd=self.directory, stdin=subprocess.DEVNULL,
                    stdout=said, stderr=said, env=dict(os.environ, **self.environment),
                )
            )

    def _start_at(self, moment, host, resume=False):
        self.planned += 1

        def start():
            self.planned -= 1
            host.start(resume)

        self.loop.at(moment, start)

    def _do(self, fault):
        now = self.loop.now()
        if fault.host:
            host = self.hosts[fault.host]
            if host.is_alive():
                self._do_to_host(fault, host)
            return
        self.disturbances.append((now, now + fault.lasts, fault.what))
        if fault.what == "kill redis":
            self.redis.kill()
            if not self.scenario.aof:
                self.losses.append(now)
            self.loop.after(fault.lasts, self.redis.start)
        elif fault.what == "stop redis":
            self.redis.signal(signal.SIGSTOP)
            self.loop.after(fault.lasts, lambda: self.redis.signal(signal.SIGCONT))
        elif fault.what == "clock":
            self.redis.set_clock(fault.ahead)
        else:
            begin, *end = TOLD[fault.what]
            self.redis.say(self.loop, begin)
            if end:
                self.loop.after(fault.lasts, lambda: self.redis.say(self.loop, *end))
            if fault.what == "flushall":
                self.losses.append(self.loop.now())

    def _do_to_host(self, fault, host):
        now = self.loop.now()
        what, _, which = fault.what.partition(" ")
        if what == "kill":
            host.kill(which)
            self._bring_back(fault, host)
        elif what == "term":
            host.term()
            self._bring_back(fault, host)
        elif what == "stop":
            self.disturbances.append((now, now + fault.lasts, fault.what))
            host.stop(which, fault.lasts)
        else:
            self.disturbances.append((now, now + fault.lasts, fault.what))
            host.proxy.become(fault.what)
            self.loop.after(fault.lasts, lambda: host.proxy.become("pass"))

    def _bring_back(self, fault, host):
        if fault.back is None:
            return
        self.planned += 1

        def wait():
            if host.is_alive():
                return self.loop.after(0.02, wait)
            self.planned -= 1
            return self._start_at(self.loop.now() + fault.back, host, resume=True)

        wait()

    def _on_end(self, host):
        """Who says that it should be run again, is."""
        fenced = host.host.was_fenced_dead(host.life, self.scenario.strict)
        if fenced or host.host.found_nobody(host.life):
            self._start_at(self.loop.now() + 0.5, host, resume=True)

    def _look(self):
        """The loop wakes up, and asks whether it is over."""
        self.loop.after(0.02, self._look)

    def _is_over(self):
        alive = [name for name, host in self.hosts.items() if host.is_alive()]
        now = self.loop.now()
        if now > self.calm + PATIENCE:
            self.hung = alive
            for name in alive:
                self.hosts[name].signal(signal.SIGUSR1)  # what it is at, for the reader
            return True
        return not alive and not self.planned

    def _judge(self):
        left = [] if self.hung else self._left()
        made = self.scenario
        attempts = []
        for name, host in self.hosts.items():
            attempts += read_attempts(name, host.log, self.loop.begin)
        facts = Facts(
            strict=made.strict, ttl=made.ttl, limit=made.limit, rate=made.rate, burst=made.burst,
            items=made.items, hosts={name: host.host for name, host in self.hosts.items()},
            shared_list=made.jobs != "none",
            adaptive=any(plan.controller != "fixed" for plan in made.hosts),
            disturbances=self.disturbances, losses=self.losses, left=left, hung=self.hung,
        )
        self._note(facts, attempts)
        broken = check(facts, attempts)
        broken += [f"push: exit {one.wait()}" for one in self.pushes if one.wait() != 0]
        return broken, self._summary(facts, attempts)

    def _left(self):
        """A second is what the guardian has for its work after a kill."""
        end = self.loop.now() + 1
        self.loop.run(lambda: not marked(self.environment) or self.loop.now() > end)
        return [f"{pid} {words}" for pid, words in marked(self.environment).items()]

    def _summary(self, facts, attempts):
        text = f"{self.loop.now():.1f} s, {len(attempts)} starts"
        if facts.limit:
            attempts.sort(key=lambda attempt: attempt.start)
            text += f", at most {peak(facts, attempts)[0]} of {facts.limit} at once"
        if facts.rate:
            attempts.sort(key=lambda attempt: attempt.start)
            text += f", {rate_slack(facts, attempts)[0]:.1f} under the bound of the rate"
        again = len(attempts) - len({attempt.item for attempt in attempts})
        text += f", {again} again"
        if self.loop.latest > 0.05:
            text += f" (the harness was up to {self.loop.latest * 1000:.0f} ms late)"
        return text

    def _note(self, facts, attempts):
        """For whoever looks into it."""
        with open(self.directory / "facts", "w") as file:
            for name, host in facts.hosts.items():
                print(name, host.lives, host.worker_stops, host.guardian_stops, file=file)
                for delivered, sent in host.answers:
                    print(f"  answer {delivered:.3f} to the call of {sent:.3f}", file=file)
            print(facts.disturbances, facts.losses, facts.left, facts.hung, file=file)
            for one in sorted(attempts, key=lambda attempt: attempt.start):
                end = "-" if one.end is None else f"{one.end:.3f}"
                print(f"{one.start:.3f} {end} {one.seen:.3f} {one.host} {one.item} {one.status}",
                      file=file)

    def last_words(self, count=6):
        lines = []
        for name, host in self.hosts.items():
            lines += [f"  {name}: {line}" for line in host.last_words(count)]
        return lines


def marked(environment):
    """The processes that were started for this run, and what they are."""
    (name, value), = environment.items()
    mark = f"{name}={value}".encode()
    found = {}
    for directory in pathlib.Path("/proc").iterdir():
        if not directory.name.isdigit():
            continue
        try:
            if mark in (directory / "environ").read_bytes().split(b"\0"):
                words = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if is_alive(directory):
                    found[int(directory.name)] = words.strip()
        except OSError:
            pass  # it has ended, or is not ours
    return found


def is_alive(directory):
    return (directory / "stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
