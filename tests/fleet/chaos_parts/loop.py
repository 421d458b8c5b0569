"""One thread that waits: for descriptors, and for moments."""

import heapq
import itertools
import selectors
import time


class Loop:
    def __init__(self):
        self.begin = time.monotonic()
        self._selector = selectors.DefaultSelector()
        self._timers = []
        self._order = itertools.count()
        self.latest = 0.0  # the most that it came late to a moment

    def now(self):
        """Seconds from the begin on."""
        return time.monotonic() - self.begin

    def at(self, moment, action):
        heapq.heappush(self._timers, (moment, next(self._order), action))

    def after(self, seconds, action):
        self.at(self.now() + seconds, action)

    def watch(self, sock, action):
        self._selector.register(sock, selectors.EVENT_READ, action)

    def forget(self, sock):
        self._selector.unregister(sock)

    def run(self, is_over):
        while not is_over():
            wait = self._timers[0][0] - self.now() if self._timers else 1
            for key, _ in self._selector.select(min(max(wait, 0), 1)):
                # One that an action before it has closed is not asked any more.
                if self._selector.get_map().get(key.fd) is key:
                    key.data()
            while self._timers and self._timers[0][0] <= self.now():
                moment, _, action = heapq.heappop(self._timers)
                self.latest = max(self.latest, self.now() - moment)
                action()
