"""The network between one host and the server, which does what it is told:

pass           bytes go on as they come
cut off        nothing goes on, in either direction, until it is over; then all of it does
refuse         connections are reset, and so is each new one
late replies   requests go on, their replies when it is over
late requests  requests go on when it is over, also those of connections that were closed long ago
slow           each chunk takes 0.3 s
tear replies   a reply comes half, and the connection is reset

It knows when the host's calls were answered.
"""

import re
import socket
import struct
from collections import deque

SLOW = 0.3
CALL = re.compile(rb"\r\n(?:sync|leave)\r\n")
# What SYNC answers where it takes a host for a member.
ANSWER = re.compile(rb"\*\d+\r\n(?:\$2\r\n|\+)ok\r\n")


class Proxy:
    def __init__(self, loop, port):
        self.loop = loop
        self._to = port
        self.mode = "pass"
        self.answers = []  # (delivered, call sent)
        self._pairs = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        loop.watch(self._listener, self._accept)

    def become(self, mode):
        self.mode = mode
        for pair in list(self._pairs):
            if mode == "refuse":
                pair.reset()
            elif mode == "pass":
                pair.release()

    def _accept(self):
        try:
            client, _ = self._listener.accept()
        except OSError:
            return None
        if self.mode == "refuse":
            return close_hard(client)
        server = socket.socket()
        try:
            server.connect(("127.0.0.1", self._to))
        except OSError:
            server.close()
            return close_hard(client)
        self._pairs.add(Pair(self, client, server))
        return None

    def gone(self, pair):
        self._pairs.discard(pair)


class Pair:
    """One connection of the host, and ours for it."""

    def __init__(self, proxy, client, server):
        self.proxy = proxy
        self._client, self._server = client, server
        self._requests, self._replies = deque(), deque()  # [due, bytes, call sent]
        self._asked, self._sent = b"", None  # since the last reply
        self._client_left = self._over = False
        for sock in (client, server):
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        proxy.loop.watch(client, self._from_client)
        proxy.loop.watch(server, self._from_server)

    def _from_client(self):
        now = self.proxy.loop.now()
        data = receive(self._client)
        if data is None:
            return
        if not data:
            self._client_left = True
            self.proxy.loop.forget(self._client)
        elif self._sent is None:
            self._asked, self._sent = data, now
        else:
            self._asked += data
        self._put(self._requests, data, {"cut off", "late requests"}, None)

    def _from_server(self):
        data = receive(self._server)
        if data is None:
            return
        if not data:
            self.proxy.loop.forget(self._server)
        sent = self._sent if CALL.search(self._asked) and ANSWER.search(data) else None
        if data:
            self._asked, self._sent = b"", None
        if data and self.proxy.mode == "tear replies":
            try_send(self._client, data[: len(data) // 2])
            self.reset()
        else:
            self._put(self._replies, data, {"cut off", "late replies"}, sent)

    def _put(self, queue, data, held_in, sent):
        now, mode = self.proxy.loop.now(), self.proxy.mode
        due = float("inf") if mode in held_in else now + SLOW if mode == "slow" else now
        if queue:
            due = max(due, queue[-1][0])
        queue.append([due, data, sent])
        self._go_on(due)

    def _go_on(self, due):
        if due <= self.proxy.loop.now():
            self._flush()
        elif due != float("inf"):
            self.proxy.loop.at(due, self._flush)

    def release(self):
        """What was held is due."""
        now = self.proxy.loop.now()
        for queue in (self._requests, self._replies):
            for entry in queue:
                if entry[0] == float("inf"):
                    entry[0] = now
        self._flush()

    def _flush(self):
        while not self._over and self._is_due(self._requests):
            _, data, _ = self._requests.popleft()
            # The end comes after all that was said before it.
            if not data or not try_send(self._server, data):
                return self._close()
        while not self._over and self._is_due(self._replies):
            _, data, sent = self._replies.popleft()
            if not data:
                return self._close()
            if self._client_left:
                continue
            if sent is not None:
                self.proxy.answers.append((self.proxy.loop.now(), sent))
            if not try_send(self._client, data):
                return self._close()
        return None

    def _is_due(self, queue):
        return queue and queue[0][0] <= self.proxy.loop.now()

    def reset(self):
        self._close(close_hard)

    def _close(self, close=socket.socket.close):
        if self._over:
            return
        self._over = True
        for sock in (self._client, self._server):
            if sock.fileno() >= 0:
                try:
                    self.proxy.loop.forget(sock)
                except KeyError:
                    pass  # it has ended already
                close(sock)
        self.proxy.gone(self)


def receive(sock):
    """Nothing: there is nothing yet. Empty: the end."""
    try:
        return sock.recv(1 << 18)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def try_send(sock, data):
    """What is said is little: buffers take it, or the other end is as good as gone."""
    try:
        return sock.send(data) == len(data)
    except OSError:
        return False


def close_hard(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
