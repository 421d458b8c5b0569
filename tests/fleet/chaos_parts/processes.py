"""The server, and the hosts."""

import mmap
import os
import pathlib
import signal
import socket
import struct
import subprocess
import time

from facts import Host, Life

# Whatever becomes of the harness, they do not outlive it. It has one thread, as this wants it.
TIED = ["setpriv", "--pdeathsig", "KILL"]
PASSWORD = "secret"
NAME = "chaos"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


class Redis:
    def __init__(self, directory, build, aof=False, login=""):
        self._directory = directory
        directory.mkdir()
        self.port = free_port()
        self.login = login
        self._clock = directory / "clock"
        self._clock.write_bytes(bytes(8))
        self._process = None
        shim = build / "libclock_shim.so"
        self._environment = dict(os.environ, CLOCK_FILE=str(self._clock), LD_PRELOAD=str(shim))
        self._command = [*TIED, "redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        self._command += ["--dir", str(directory), "--save", "", "--logfile", "log"]
        # What was answered is written: with `everysec` a write may wait for the disk.
        self._command += ["--appendonly", "yes" if aof else "no", "--appendfsync", "no"]
        self._command += ["--busy-reply-threshold", "100"]
        if login == "password":
            self._command += ["--requirepass", PASSWORD]
        elif login == "user":
            self._command += ["--user", "fleet", "on", f">{PASSWORD}", "~gt:{%s}:*" % NAME]
            self._command += ["+@all", "-@admin", "-flushall", "-flushdb", "-keys"]

    def url(self, port):
        who = {"password": f":{PASSWORD}@", "user": f"fleet:{PASSWORD}@"}.get(self.login, "")
        return f"redis://{who}127.0.0.1:{port}/{NAME}"

    def start(self):
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

    def wait_until_it_answers(self):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as sock:
                    sock.sendall(b"PING\r\n")
                    if sock.recv(64):
                        return
            except OSError:
                pass
            time.sleep(0.01)
        raise RuntimeError("redis-server does not begin to answer")

    def say(self, loop, *lines):
        """Without waiting for an answer: it may be long in coming."""
        if self.login == "password":
            lines = (f"AUTH {PASSWORD}", *lines)
        try:
            sock = socket.create_connection(("127.0.0.1", self.port), 1)
            sock.sendall("".join(line + "\r\n" for line in lines).encode())
        except OSError:
            return  # it is not there

        def listen():
            try:
                heard = sock.recv(4096)
            except OSError:
                heard = b""
            if not heard:
                loop.forget(sock)
                sock.close()

        loop.watch(sock, listen)
        loop.after(0.2, lambda: sock.fileno() >= 0 and sock.shutdown(socket.SHUT_WR))

    def signal(self, number):
        self._process.send_signal(number)

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def set_clock(self, ahead):
        with open(self._clock, "r+b") as file, mmap.mmap(file.fileno(), 8) as shared:
            shared[:] = struct.pack("q", ahead)


def children(pid):
    try:
        return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


class Gentlify:
    """One host: a run of gentlify, and what it is resumed by."""

    def __init__(self, loop, directory, build, plan, words, proxy, environment, on_end):
        self.loop, self.plan, self.proxy, self._on_end = loop, plan, proxy, on_end
        self.host = Host(plan.name, plan.slots)
        self.host.answers = proxy.answers
        self._directory = directory
        self._words = [str(build / "gentlify"), *words]
        self._job = str(build / "fleet_job")
        self.log = directory / f"{plan.name}.log"
        self.said = directory / f"{plan.name}.err"
        self._environment = dict(os.environ, FLEET_JOB_LOG=str(self.log), **environment)
        self._process = None

    def start(self, resume=False):
        words = self._words + (["--resume"] if resume else []) + [self._job, "{}"]
        with open(self.said, "a") as said:
            print(f"# {self.loop.now():.3f} s: {' '.join(words)}", file=said, flush=True)
            self.host.lives.append(Life(self.loop.now()))
            self._process = subprocess.Popen(
                TIED + words, env=self._environment, cwd=self._directory,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
            )

    @property
    def life(self):
        return self.host.lives[-1]

    def is_alive(self):
        if self._process is None:
            return False
        status = self._process.poll()
        if status is not None and self.life.end is None:
            self.life.end, self.life.status = self.loop.now(), status
            self._on_end(self)
        return status is None

    def parts(self, which):
        """The pids of the worker, the guardian, or both, the guardian last."""
        guardian = self._process.pid
        worker = children(guardian)[:1]
        return {"worker": worker, "guardian": [guardian]}.get(which, [*worker, guardian])

    def kill(self, which):
        pids = self.parts(which)
        if not pids:
            return
        self.life.killed = self.loop.now()
        # Stopped, neither can do anything about the other's end.
        for number in [signal.SIGSTOP, signal.SIGKILL] if len(pids) == 2 else [signal.SIGKILL]:
            for pid in pids:
                send(pid, number)

    def stop(self, which, seconds):
        now = self.loop.now()
        pids = self.parts(which)
        # The guardian, too, may stop where its worker is stopped; it goes on with it in any case.
        again = self.parts("host")
        for pid in pids:
            send(pid, signal.SIGSTOP)
        until = [now, now + seconds]

        def go_on():
            until[1] = self.loop.now()
            if self.is_alive():
                for pid in again:
                    if pid == self._process.pid or pid in children(self._process.pid):
                        send(pid, signal.SIGCONT)

        if which != "guardian":
            self.host.worker_stops.append(until)
        if which != "worker":
            self.host.guardian_stops.append(until)
        self.loop.at(now + seconds, go_on)

    def term(self):
        self.life.term = self.loop.now()
        self._process.send_signal(signal.SIGTERM)

    def signal(self, number):
        self._process.send_signal(number)

    def last_words(self, count):
        try:
            lines = self.said.read_text(errors="replace").splitlines()
            return [line for line in lines if not line.startswith("# ")][-count:]
        except OSError:
            return []
