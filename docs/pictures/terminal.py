#!/usr/bin/env python3
"""Draws what a terminal shows as SVG.

    terminal.py COLUMNS SCREEN... >picture.svg

SCREEN is a file of lines as `tmux capture-pane -ep` prints them; several are drawn below one another.
"""

import html
import re
import sys

WIDTH, HEIGHT, MARGIN, GAP = 8.4, 20, 14, 14
FOREGROUND, BACKGROUND = "#d8dee9", "#1e222a"
COLOURS = {31: "#e06c75", 32: "#98c379", 33: "#e5c07b", 34: "#61afef", 35: "#c678dd", 36: "#56b6c2"}
EIGHTHS = " ▏▎▍▌▋▊▉█"


def runs(line):
    """The line as (text, colour, whether bold) wherever these change."""
    colour, bold = FOREGROUND, False
    for text, codes in re.findall(r"([^\x1b]*)(?:\x1b\[([0-9;]*)m)?", line):
        if text:
            yield text, colour, bold
        for code in codes.split(";") if codes is not None else []:
            number = int(code or 0)
            if number == 0:
                colour, bold = FOREGROUND, False
            elif number in (1, 22):
                bold = number == 1
            elif number == 39:
                colour = FOREGROUND
            elif number in COLOURS:
                colour = COLOURS[number]


def draw(line, y):
    x = MARGIN
    for text, colour, bold in runs(line):
        # A bar is drawn, since fonts differ in how they fill a cell.
        for part in re.findall(r"[▏▎▍▌▋▊▉█]|░+|[^▏▎▍▌▋▊▉█░]+", text):
            width = len(part) * WIDTH
            if part[0] in EIGHTHS[1:] or part[0] == "░":
                full = part[0] != "░"
                shown = WIDTH * EIGHTHS.index(part) / 8 if full else width
                if full:
                    yield rect(x, y, WIDTH, "#3b4252")
                yield rect(x, y, shown, colour if full else "#3b4252")
            elif part.strip():
                weight = ' font-weight="bold"' if bold else ""
                yield (f'<text x="{x:.1f}" y="{y + 14:.1f}" fill="{colour}"{weight} '
                       f'textLength="{width:.1f}" xml:space="preserve">{html.escape(part)}</text>')
            x += width


def rect(x, y, width, colour):
    return f'<rect x="{x:.1f}" y="{y + 3:.1f}" width="{width + 0.1:.1f}" height="13" fill="{colour}"/>'


def main(columns, files):
    shapes, y = [], MARGIN
    width = columns * WIDTH + 2 * MARGIN
    words = []
    for number, file in enumerate(files):
        with open(file, encoding="utf-8") as screen:
            lines = screen.read().rstrip().split("\n")
        if number > 0:
            y += GAP
            shapes.append(f'<path d="M0 {y - GAP / 2:.1f}H{width:.1f}" stroke="#3b4252"/>')
        for line in lines:
            shapes.extend(draw(line, y))
            words.append(re.sub(r"\x1b\[[0-9;]*m", "", line))
            y += HEIGHT
    height = y + MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
          f'viewBox="0 0 {width:.0f} {height:.0f}" font-size="14" '
          'font-family="ui-monospace, Menlo, Consolas, \'DejaVu Sans Mono\', monospace">')
    print(f"<title>{html.escape(chr(10).join(words))}</title>")
    print(f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>')
    print("\n".join(shapes))
    print("</svg>")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
