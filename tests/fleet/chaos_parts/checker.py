"""Whether a run of a fleet kept what design and README promise. Each check gives what was broken.

Where a moment is not known exactly, the reading that accuses no one wrongly is taken: a job that was
killed ended when it was last seen, and a host was fenced as early as can be.
"""

import bisect

from facts import SEEN_LATE, fences

PERMIT_LIFE = 0.5
TERM_GRACE = 0.05
START_GRACE = 0.1  # from the decision of a host until its job says that it has begun
UNSETTLED = 0.5  # a job that ended so shortly before its host's end may not be on record
GOES_ON = 0.2  # a guardian that was stopped has as long to kill what is overdue


def check(facts, attempts):
    attempts = sorted(attempts, key=lambda attempt: attempt.start)
    return [sentence for one in CHECKS for sentence in some(one(facts, attempts))]


def some(sentences, count=3):
    """The first, which say enough."""
    if len(sentences) <= count:
        return sentences
    kind = sentences[0].split(":")[0]
    return sentences[:count] + [f"{kind}: and {len(sentences) - count} more"]


def rate(facts, attempts):
    """In any interval t: starts <= burst + rate (t + 0.5 s)."""
    slack, worst, pair = rate_slack(facts, attempts)
    if slack >= -1e-9:
        return []
    first, last = (attempts[i] for i in pair)
    return [
        f"rate: {pair[1] - pair[0] + 1} starts from {first.start:.3f} to {last.start:.3f} s, "
        f"{worst:.2f} are allowed"
    ]


def rate_slack(facts, attempts):
    """How far the fullest interval stays under the bound, that bound, and its first and last start.

    With a_k = k - rate t_k the starts from i to j exceed the bound by a_j - a_i + 1 - burst - rate/2;
    so only the i with the least a_i before each j matters.
    """
    if not facts.rate or not attempts:
        return float("inf"), 0, (0, 0)
    least, at, slack, pair = float("inf"), 0, float("inf"), (0, 0)
    for j, attempt in enumerate(attempts):
        a = j - facts.rate * attempt.start
        if a < least:
            least, at = a, j
        room = facts.burst + facts.rate * PERMIT_LIFE - (a - least + 1)
        if room < slack:
            slack, pair = room, (at, j)
    return slack, slack + pair[1] - pair[0] + 1, pair


def concurrency(facts, attempts):
    """Strict: at every moment <= limit. Else <= limit + jobs of fenced hosts."""
    if not facts.limit:
        return []
    most, at, running = peak(facts, attempts)
    if most <= facts.limit:
        return []
    who = ", ".join(
        f"{one.host} {one.item} {one.start:.3f}..{one.last:.3f}{'' if one.end else ' (killed)'}"
        for one in running
    )
    return [f"concurrency: {most} ran at {at:.3f} s, the limit is {facts.limit}: {who}"]


def peak(facts, attempts):
    """The most that counted at once, the moment, and who they were."""
    edges = []
    for attempt in attempts:
        for begin, end in counted(facts, attempt):
            if begin < end:
                edges += [(begin, 1, attempt), (end, -1, attempt)]
    # One that ends when another begins makes room for it.
    edges.sort(key=lambda edge: (edge[0], edge[1]))
    running, most, at, who = [], 0, 0.0, []
    for time, change, attempt in edges:
        if change < 0:
            running.remove(attempt)
            continue
        running.append(attempt)
        if len(running) > most:
            most, at, who = len(running), time, list(running)
    return most, at, who


def counted(facts, attempt):
    """The times in which the attempt counts against the limit."""
    host = facts.hosts[attempt.host]
    for fence in fences(facts, host):
        begin = max(attempt.start, fence.begin - SEEN_LATE)
        if begin >= attempt.last or fence.end <= attempt.start:
            continue
        if not facts.strict:
            # What ran when its host was fenced stays what it is when the host is back.
            return [(attempt.start, begin)] if begin > attempt.start else []
        for stopped, on in both_stopped(host):
            if stopped < attempt.last and on > begin:
                until = on + GOES_ON
                parts = [(attempt.start, begin), (until, attempt.last)]
                return [part for part in parts if part[0] < part[1]]
    return [(attempt.start, attempt.last)]


def both_stopped(host):
    return [
        (max(a, c), min(b, d))
        for a, b in host.worker_stops
        for c, d in host.guardian_stops
        if max(a, c) < min(b, d)
    ]


def fenced_starts(facts, attempts):
    """A host that is fenced starts nothing."""
    found = []
    for name, host in facts.hosts.items():
        times = fences(facts, host)
        for attempt in (one for one in attempts if one.host == name):
            for fence in times:
                if fence.begin + START_GRACE < attempt.start < fence.end:
                    found.append(
                        f"fence: {name} started {attempt.item} at {attempt.start:.3f} s; its last "
                        f"answered call was sent at {fence.since:.3f} s, it is fenced "
                        f"{fence.begin:.3f}..{fence.end:.3f} s"
                    )
    return found


def done(facts, attempts):
    """Each item ends well at least once; one that cannot is tried."""
    tried = {attempt.item for attempt in attempts}
    ended = {attempt.item for attempt in attempts if attempt.done}
    found = []
    for item in facts.items:
        if item.endswith(":bad"):
            if item not in tried:
                found.append(f"jobs: {item} was never tried")
        elif item not in ended:
            found.append(f"jobs: {item} never ended well" + ("" if item in tried else ", nor began"))
    found += [f"jobs: {item} is not in the list" for item in tried - set(facts.items)]
    return found


def twice(facts, attempts):
    """More than once only where a host died, was fenced, or the server lost its memory."""
    of_item = {}
    for attempt in attempts:
        if attempt.done:
            of_item.setdefault(attempt.item, []).append(attempt)
    found = []
    for item, runs in of_item.items():
        unexcused = [run for run in runs if not is_excused(facts, run)]
        if len(unexcused) > 1:
            where = ", ".join(f"{run.host} {run.start:.3f}..{run.end:.3f}" for run in runs)
            found.append(f"jobs: {item} ended well {len(runs)} times without a reason: {where}")
    return found


def is_excused(facts, run):
    """Whether it may not have been known that this run of the item has ended well."""
    host = facts.hosts[run.host]
    for begin, end in unrecorded(facts, host):
        if begin <= run.end + UNSETTLED and run.start <= end:
            return True
    if not facts.shared_list:
        return False
    if any(run.start <= loss for loss in facts.losses) or left_unheard(host, run):
        return True
    return any(
        fence.since <= run.end + UNSETTLED and run.start <= fence.end
        for fence in fences(facts, host)
    )


def left_unheard(host, run):
    """The host ended while nobody answered it, and could not say what it had done."""
    for life in host.lives:
        end = float("inf") if life.end is None else life.end
        heard = max((one for one, _ in host.answers if life.begin <= one <= end), default=life.begin)
        silent = end - heard > 0.5  # else its settling is under way, as with any end
        if silent and life.begin <= run.start and heard <= run.end + UNSETTLED and run.start <= end:
            return True
    return False


def unrecorded(facts, host):
    """The ends of lives from where on nothing was noted any more."""
    for life in host.lives:
        end = life.killed
        if host.was_fenced_dead(life, facts.strict):
            end = life.end
        if end is not None:
            # A worker that was stopped, and did not go on, has seen no job end since.
            yield min([end] + [a for a, b in host.worker_stops if a <= end <= b]), end


def terms(facts, attempts):
    """No start later than 50 ms after the first TERM."""
    found = []
    for name, host in facts.hosts.items():
        for life in (life for life in host.lives if life.term is not None):
            # Who is stopped hears of it when he goes on.
            stops = host.worker_stops + host.guardian_stops
            heard = max([life.term] + [b for a, b in stops if a <= life.term <= b])
            end = float("inf") if life.end is None else life.end
            found += [
                f"term: {name} started {attempt.item} {attempt.start - heard:.3f} s after TERM"
                for attempt in attempts
                if attempt.host == name and heard + TERM_GRACE < attempt.start <= end
            ]
    return found


def ends(facts, _attempts):
    """Every host that was left alone exits 0 (1 where jobs fail for good), and nothing is left."""
    found = [f"end: {name} did not end" for name in facts.hung]
    found += [f"end: still alive: {process}" for process in facts.left]
    good = {0, 1} if any(item.endswith(":bad") for item in facts.items) else {0}
    for name, host in facts.hosts.items():
        for life in host.lives:
            if life.killed is not None or life.end is None:
                continue
            # Of a host that is drained it depends on when, whether something is left undone.
            allowed = good | ({-15} if life.term is not None else set())
            excused = host.was_fenced_dead(life, facts.strict) or host.found_nobody(life)
            if life.status not in allowed and not excused:
                found.append(f"end: {name} exited {life.status} at {life.end:.3f} s")
    return found


def given_back(facts, attempts):
    """What a dead host held is used by others within ttl + 1 s, where they have use for it."""
    if not facts.limit or facts.rate or facts.adaptive or not facts.shared_list:
        return []
    starts = [attempt.start for attempt in attempts]
    found = []
    for name, host in facts.hosts.items():
        for life in host.lives:
            if life.killed is None:
                continue
            until = life.killed + facts.ttl + 1
            others = living_slots(facts, name, life.killed, until)
            calm = is_calm(facts, life, name, until)
            left = len(facts.items) - bisect.bisect(starts, until)
            want = min(facts.limit, others)
            if not calm or left < max(2 * facts.limit, len(facts.items) // 4) or want == 0:
                continue
            most = most_running(attempts, life.killed + 0.05, until)
            if most < want:
                found.append(
                    f"dead host: {name} died at {life.killed:.3f} s; until {until:.3f} s no more "
                    f"than {most} jobs ran at once, {want} could have"
                )
    return found


def living_slots(facts, but, begin, end):
    """-j of the other hosts that lived from begin to end."""
    return sum(
        host.slots
        for name, host in facts.hosts.items()
        if name != but
        and any(life.begin <= begin - 1 and (life.end or end) >= end for life in host.lives)
    )


def is_calm(facts, life, name, until):
    """Nothing else happened that the fleet has to get over."""
    begin = life.killed - facts.ttl - 1
    if begin < 0 or any(a < until and b > begin for a, b, _ in facts.disturbances):
        return False
    events = []
    for other, host in facts.hosts.items():
        for one in host.lives:
            events += [one.begin, one.term] + ([one.killed] if other != name else [])
    return not any(event is not None and event > 0.5 and begin < event < until for event in events)


def most_running(attempts, begin, end):
    edges = []
    for attempt in attempts:
        if attempt.last > begin and attempt.start < end:
            edges += [(attempt.start, 1), (attempt.last, -1)]
    edges.sort()
    running = most = 0
    for time, change in edges:
        running += change
        if begin <= time <= end:
            most = max(most, running)
    return most


CHECKS = [rate, concurrency, fenced_starts, done, twice, terms, ends, given_back]
