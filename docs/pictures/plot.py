#!/usr/bin/env python3
"""Draws a trace of `gentlify simulate` as SVG.

    plot.py MODEL TRACE [rate] >plot.svg

The jobs at once that the controller allows, those that ran, and what the service of the model takes;
with `rate` below that the starts a second that it allows. The title is the model's first line.
"""

import csv
import html
import math
import sys
import tomllib

WIDTH, LEFT, RIGHT, PANEL, TOP, BETWEEN = 720, 44, 12, 140, 50, 34
OURS, FLIGHT, THEIRS, AXIS = "#c2410c", "#2563eb", "#15803d", "#6b7280"
INSIDE = WIDTH - LEFT - RIGHT


def read(name):
    """The trace as lists of (time, value): limit, in flight, rate."""
    with open(name, encoding="utf-8", newline="") as trace:
        rows = [(float(row["time"]), row) for row in csv.DictReader(trace)]
    return ([(now, float(row["limit"])) for now, row in rows],
            [(now, float(row["in_flight"])) for now, row in rows],
            [(now, float(row["rate"]) if row["rate"] else None) for now, row in rows])


def seconds(text):
    return float(text.removesuffix("s"))


def taken(model, kind, key, end):
    """What the model's limit of that kind takes, as (time, value); none where it has none."""
    for limit in model.get("limit", []):
        if limit["kind"] == kind:
            steps = limit[key] if isinstance(limit[key], list) else [["0s", limit[key]]]
            points = [(seconds(time), float(str(value).removesuffix("/s"))) for time, value in steps]
            return points + [(end, points[-1][1])]
    return []


def thin(points, end):
    """What is left of the points where many fall on one column: the first, last, least and most of it."""
    kept, column = [], []
    for point in points:
        if column and int(point[0] / end * INSIDE) != int(column[0][0] / end * INSIDE):
            kept += extremes(column)
            column = []
        column.append(point)
    return kept + extremes(column)


def extremes(column):
    known = [point for point in column if point[1] is not None]
    if not known:
        return column[:1]
    chosen = {column[0], column[-1], min(known, key=lambda p: p[1]), max(known, key=lambda p: p[1])}
    return sorted(chosen, key=column.index)


def tick(most):
    """A round number, of which there are three to eight below the most."""
    size = 10 ** math.floor(math.log10(most / 3))
    return max(size * times for times in (1, 2, 5) if size * times <= most / 3)


def frame(top, most, end, label):
    """A panel without its lines, and what says where in it a time and a value are."""
    def x(time):
        return LEFT + min(time / end, 1) * INSIDE

    def y(value):
        return top + PANEL - min(value / most, 1) * PANEL

    shapes = [f'<text x="{LEFT}" y="{top - 8}" fill="{AXIS}">{label}</text>']
    for count in range(int(most / tick(most)) + 1):
        at = y(count * tick(most))
        shapes.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="{AXIS}" stroke-opacity="0.25"/>')
        shapes.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" fill="{AXIS}" text-anchor="end">'
                      f"{count * tick(most):g}</text>")
    return shapes, x, y


def line(points, x, y, style):
    path, last = [], None
    for time, value in points:
        if value is None or last is None:
            path.append(f"H{x(time):.1f}" if last is not None else "")
            path.append(f"M{x(time):.1f} {y(value):.1f}" if value is not None else "")
        elif value != last:
            path.append(f"H{x(time):.1f}V{y(value):.1f}")
        last = value
    if last is not None:
        path.append(f"H{x(points[-1][0]):.1f}")
    return f'<path d="{"".join(path)}" fill="none" {style}/>'


def coloured(colour, words):
    return f'<tspan fill="{colour}">{words}</tspan>'


def main(model_file, trace, *more):
    limit, flight, rate = read(trace)
    end = limit[-1][0]
    with open(model_file, encoding="utf-8") as file:
        text = file.read()
    title, model = html.escape(text.split("\n")[0].lstrip("# ")), tomllib.loads(text)

    dashed = f'stroke="{THEIRS}" stroke-width="1.5" stroke-dasharray="6 4"'
    panels = [("cap", "cap", "of jobs at once", limit, flight)]
    if "rate" in more:
        panels.append(("bucket", "rate", "of starts a second", rate, []))

    shapes = [f'<text x="{LEFT}" y="18" fill="#111827" font-weight="bold">{title}</text>']
    top = TOP
    for kind, key, what, ours, ran in panels:
        takes = taken(model, kind, key, end)
        label = f'{coloured(OURS, "limit")} {what}'
        label += f', {coloured(FLIGHT, "those that run")}' if ran else ""
        label += f', {coloured(THEIRS, "what the service takes")}' if takes else ""
        # A limit far above what the service takes says no more than that it does not bind.
        most = max(value for _, value in (takes or ours) if value is not None) * (1.6 if takes else 1)
        most = max([most] + [value for _, value in ran])
        grid, x, y = frame(top, most, end, label)
        shapes += grid
        for outage in model.get("outage", []):
            left, right = x(seconds(outage["from"])), x(seconds(outage["to"]))
            shapes.append(f'<rect x="{left:.1f}" y="{top}" width="{right - left:.1f}" height="{PANEL}" '
                          f'fill="{AXIS}" fill-opacity="0.15"/>')
        shapes.append(line(thin(ran, end) if ran else [], x, y, f'stroke="{FLIGHT}"') if ran else "")
        shapes.append(line(takes, x, y, dashed) if takes else "")
        shapes.append(line(thin(ours, end), x, y, f'stroke="{OURS}" stroke-width="2"'))
        top += PANEL + BETWEEN

    bottom = top - BETWEEN
    for count in range(int(end / tick(end)) + 1):
        shapes.append(f'<text x="{x(count * tick(end)):.1f}" y="{bottom + 17}" fill="{AXIS}" '
                      f'text-anchor="middle">{count * tick(end):g} s</text>')
    height = bottom + 26
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
          f'viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" font-size="12">')
    print(f"<title>{title}</title>")
    print('<rect width="100%" height="100%" fill="#fff"/>')
    print("\n".join(shape for shape in shapes if shape))
    print("</svg>")


if __name__ == "__main__":
    main(*sys.argv[1:])
