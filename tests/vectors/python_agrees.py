#!/usr/bin/env python3
"""Compares what dump_items printed with what Python's csv and json read in the same files.

   python_agrees.py csv|tsv|members|argv <DUMP      exits 1 where they differ

They are meant to differ in this, and in nothing else:
  - An item with a NUL byte cannot be an argument, and is bad.
  - A byte order mark at the head of a file is no part of it. (Python: utf-8-sig.)
  - An empty line of a table is a row with one empty column. (Python: a row with none.)
  - A file that holds nothing but the mark is such an empty line.
  - An empty line between JSON lines is none.
  - JSON: NaN and Infinity are no numbers, half of a surrogate pair is no character, and objects are
    nested 1024 deep at most.
  - A member or an argument that holds a NUL, escaped, is refused.
"""
import csv
import io
import json
import sys

MARK = b"\xef\xbb\xbf"
MOST_DEPTH = 1024
BAD = "bad"

csv.field_size_limit(1 << 30)
sys.setrecursionlimit(100000)


class Number(str):
    """A number as it is written."""


def refuse(*_):
    raise ValueError


def table_rows(data, separator):
    # Latin-1: a character for each byte. newline="" keeps line ends as they are.
    text = io.TextIOWrapper(io.BytesIO(data), encoding="latin-1", newline="")
    reader = csv.reader(text, delimiter=separator, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield BAD
            continue
        columns = [column.encode("latin-1") for column in row] or [b""]
        yield BAD if any(b"\0" in column for column in columns) else columns


def depth_of(text):
    """How deep the brackets go that are in no string; `text` is JSON."""
    depth = deepest = 0
    inside = escaped = False
    for c in text:
        if inside:
            if escaped:
                escaped = False
            elif c == "\\":
                escaped = True
            inside = escaped or c != '"'
        elif c == '"':
            inside = True
        elif c in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif c in "]}":
            depth -= 1
    return deepest


def pairs_of(line):
    """The members of the object in `line`, with those that come again. Throws ValueError."""
    def members(pairs):
        for name, _ in pairs:
            name.encode()
        return Pairs(pairs)

    text = line.decode()
    value = json.loads(text, parse_float=Number, parse_int=Number, parse_constant=refuse,
                       object_pairs_hook=members)
    if not isinstance(value, Pairs) or "\0" in text or depth_of(text) > MOST_DEPTH:
        raise ValueError
    check_strings(value)
    return value


class Pairs(list):
    """An object."""


def check_strings(value):
    """No half surrogate pairs. A loop, for what is nested deeply."""
    todo = [value]
    while todo:
        value = todo.pop()
        if isinstance(value, Pairs):
            todo += [inner for _, inner in value]
        elif isinstance(value, list):
            todo += value
        elif isinstance(value, str):
            value.encode()


def word_of(value):
    """What a value becomes as a word; None: its JSON."""
    if value is None:
        return b""
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, str):
        word = value.encode()
        if b"\0" in word:
            raise ValueError
        return word
    return None


def members_rows(line):
    found = [value for name, value in pairs_of(line) if name == "v"]
    if not found:
        raise ValueError
    return [[word_of(value) for value in found][-1]], found[-1]


def argv_rows(line):
    argv = [value for name, value in pairs_of(line) if name == "argv"]
    for value in argv:
        if not isinstance(value, list) or isinstance(value, Pairs) or not value or value[0] == "":
            raise ValueError
        if any(word is None or isinstance(word, list) for word in value):
            raise ValueError
        words = [word_of(word) for word in value]
    if not argv:
        raise ValueError
    return words, None


def json_rows(data, read):
    for line in data.split(b"\n"):
        if not line:
            continue
        try:
            words, value = read(line)
            yield words if words != [None] else (line, value)
        except (ValueError, RecursionError):
            yield BAD


def same(ours, theirs):
    if not isinstance(theirs, tuple):
        return ours == theirs
    # An array or an object, as it stands in its line.
    line, value = theirs
    if len(ours) != 1 or ours[0] not in line or ours[0] != ours[0].strip():
        return False
    return json.loads(ours[0], parse_float=Number, parse_int=Number, object_pairs_hook=Pairs) == value


def rows_of(form, data):
    only_mark = data == MARK
    data = data.removeprefix(MARK)
    if form in ("csv", "tsv"):
        if only_mark:
            return [[b""]]
        return list(table_rows(data, "," if form == "csv" else "\t"))
    return list(json_rows(data, members_rows if form == "members" else argv_rows))


def read_dump(lines):
    """Of each file its name and the rows that were found in it."""
    name, rows = None, []
    for line in lines:
        kind, *words = line.split()
        if kind == "file":
            if name:
                yield name, rows
            name, rows = words[0], []
        else:
            rows.append(BAD if kind == BAD else [bytes.fromhex(w.strip("-")) for w in words])
    yield name, rows


def main(form):
    count = bad = differences = 0
    for name, ours in read_dump(sys.stdin):
        with open(name, "rb") as file:
            theirs = rows_of(form, file.read())
        count += len(ours)
        bad += sum(row == BAD for row in ours)
        pairs = list(zip(ours, theirs))
        wrong = [i for i, (a, b) in enumerate(pairs) if not same(a, b)]
        if len(ours) != len(theirs) or wrong:
            differences += 1
            print("%s: %d rows, Python: %d" % (name, len(ours), len(theirs)))
            for i in wrong[:3]:
                print("  row %d: %.300r\n  Python: %.300r" % (i + 1, *pairs[i]))
    print("%s: %d rows, %d of them bad, %d files differ" % (form, count, bad, differences))
    return differences > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
