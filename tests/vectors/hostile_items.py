#!/usr/bin/env python3
"""Writes hostile tables and JSON lines to DIR, the same ones each time.

   hostile_items.py DIR     DIR/csv/*, DIR/tsv/*: tables; DIR/members/*: objects, whose member "v"
                            is asked for; DIR/argv/*: objects that say what to run
"""
import os
import random
import sys

CHUNK = 64 * 1024  # what gentlify reads at once
rng = random.Random(20240517)


def tables():
    """Tables with commas; what is no letter is what a reader may trip over."""
    yield from (
        b"", b"\n", b"\r", b"\r\n", b"\n\n\n", b"\r\r", b"\r\n\r\n", b"\n\r", b"\n\r\n\r", b"a",
        b"a\n", b"a\r", b"a\r\n", b"a,b", b",", b",\n", b",,\n,\n", b"a,\nb", b",a\r,b\r\n,c\n",
        b"a\rb\nc\r\nd", b"a\r\r\nb", b"a\n\rb", b" a , b \n", b"a\tb\n", b"a b,\tc\n")
    yield from (
        b'"', b'""', b'"""', b'""""', b'"""""', b'"a', b'a"', b'"a"', b'"a""', b'""a', b'""a"',
        b'a""b', b'a"b"c', b'"a"b', b'"a" ,b', b' "a",b', b'"a", "b"', b'"a""b"', b'"a"""',
        b'"""a"', b'",",","', b'"\n"', b'"\r"', b'"\r\n"', b'"\n\r"', b'"a\nb",c\nd,"e\r\nf"\n',
        b'"a\n', b'a,"b\nc\n', b'a,"b"c\nd\n', b'a,"b"c"d\ne\n', b'"a"b,"c\nd"\ne\n',
        b'"a"x\n"b"y\n"c"\n', b'"a"\r"b"\r', b'"a"\rb', b'"a"\r\n\n"b"', b'"",""\n""\n', b'"a",',
        b'"a",\n', b',"a"', b'","', b'"a,b', b'a,"', b'a,""', b'"a\n\n\nb"\n', b'"a"\n"', b'a\n"',
        b"'a','b'\n", b"\\\"a\\\",b\n", b'"a\\"b"\n', b'"a\\",b\n', b'a;b|c:d\n', b'#a,b\n')
    mark = b"\xef\xbb\xbf"
    yield from (
        mark, mark + b"\n", mark + b"a,b\n", mark + b'"a,b",c\n', mark + b'"a\nb",c\nd\n',
        mark + mark + b'"a\nb"\n', b"a\n" + mark + b"b\n", b"a\n" + mark + b'"b\nc"\n', mark[:2],
        mark[:2] + b'"a\nb"\n', mark[:1] + b'"a\n"', mark + b'"', mark + b'""', mark + b"\r\na")
    yield from (
        b"\xff,\xfe\n", b"\xc3\n\xa4\n", b"\xc3,\xa4\n", b'"\xc3"\xa4\n', b"\xed\xa0\x80\n",
        b"\xe2\x80\xa8,\xc2\x85\x0b\x0c\x1c\x1d\x1e\n", b"\xff\xfea\x00,\x00\n", b"a\x00b\nc\n",
        b'"\x00"\nb\n', b"\x00", b"\x1a\n", b"\x1b[31m,\x7f\n", bytes(range(1, 256)) + b"\n",
        b'"' + bytes(c for c in range(1, 256) if c != 34) + b'"\n')
    yield b",".join(b"%d" % i for i in range(10000)) + b"\n" + b"," * 9999 + b"\nlast\n"
    yield b",".join(b'"%d\n"' % i for i in range(10000)) + b"\nlast\n"
    yield b"x" * 900000 + b",y\n" + b"z\n"
    yield b'"' + b'""' * 400000 + b'",y\n' + b"z\n"
    yield b'"' + b"\n" * 500000 + b'",y\n' + b"z\n"
    yield b"\n" * 20000
    yield b'"a"x\n' * 5000 + b"b\n"
    yield b'a,"' + b"b\n" * 100000
    # At the end of what is read at once.
    for tail in (b"\r\n", b"\r", b'""', b'"', b'","', b'"\r\n"', b'"\n', b"\r\r\n", b'""\n"',
                 b'"x', b",", b"\xef\xbb\xbf"):
        for cut in range(len(tail) + 1):
            head = b"aaa\n" * (CHUNK // 4 - 2)
            yield head + b"b" * (CHUNK - len(head) - cut) + tail + b"c,d\ne\n"
        yield b'"' + b"q" * (CHUNK - 2) + tail + b'c",d\ne\n'
    for alphabet, count in ((b'a,"\n', 60), (b'a,"\n\r', 60), (b'"\n\r', 20), (b'",', 10)):
        for _ in range(count):
            yield bytes(rng.choice(alphabet) for _ in range(rng.randrange(400)))
    for _ in range(30):
        yield bytes(rng.randrange(256) for _ in range(rng.randrange(2000)))
    for _ in range(10):
        yield bytes(rng.choice(b'abc,,"\n\r\xef\xbb\xbf') for _ in range(3 * CHUNK))


def values():
    """JSON values, and texts that are none."""
    yield from (
        "0 -0 1 -1 01 -01 00 - + +1 1. .5 -.5 1.5 1.50 0.0 -0.0 0e0 0E+0 1e 1e+ 1e- 1e5 1E-5 1.e5 "
        "1e5.5 1e400 -1e400 1e-400 2e308 123456789012345678901234567890 9223372036854775808 "
        "18446744073709551616 0.1234567890123456789012345678901234567890 0x10 0b1 1_000 1,5 1f 1d "
        "0.10e-010 1e0001 --1 1-1 1+1 ١ ½ NaN nan Infinity -Infinity +Infinity inf "
        "true True TRUE tru truee true1 t false fals False falsey null nul nulll Null none None "
        "undefined a 'a' \"a\"b \"a\"\"b\" a\"b\" \"a 1\"a\" [ ] { } [] {} [[]] [{}] {\"a\":{}} "
        "[] ] [1,] [,1] [,] [1,,2] [1 [1}] {\"a\"} {\"a\":} {\"a\":1,} {,} {a:1} {'a':1} {1:2} "
        "{\"a\":1 {\"a\":1]} {\"a\",1} {\"a\"::1} {:1} {\"a\":1,,\"b\":2} /*c*/1 1//c #1").split(" ")
    yield from (
        "", " ", "1 2", "[1 2]", '"a" "b"', '{"a":1 "b":2}', '{"a" 1}', "tr ue", "- 1", "1 .5",
        "1e 5", "\t1\t", "\r1\r", " [ 1 , 2 ] ", '{ "a" : [ ] , "b" : { } }', "\v1", "\f1",
        "\xa01", "\u2003" + "1", "\ufeff1", "[1,\r2]", "true false", "null,", "[true,false,null]",
        "[truefalse]", "[nulll]", "[01]", "[1.]", '["\\x"]', '["\t"]', "[NaN]", "[-]", '{"a":tru}',
        '{"a":"\\ud800"}', '{"\\ud800":1}', '{"\\x":1}', '{"a\tb":1}', '["a]', "[1]]", "[1]x",
        "{}{}", "{}}", '{"v":1}', '{"a":1,"a":2}')
    for text in (
            "", "a", " ", "\\n\\t\\r\\b\\f\\/\\\\\\\"", "\\u0041", "\\u00e4\\u20ac", "\\u0000", "a\\u0000b",
            "\\ud83d\\ude00", "\\uD83D\\uDE00", "\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83d\\ud83d",
            "\\ud83dx", "\\ud83d\\n", "\\ud83d\\u0041", "\\ud83d\\u", "\\ud83d\\ude0", "\\ud83d\\ue000",
            "\\ud800\\udbff", "\\udbff\\udfff", "\\ud7ff\\ue000", "\\uffff", "\\ufffe", "\\u", "\\u1",
            "\\u12", "\\u123", "\\u123g", "\\u 123", "\\u+123", "\\u-123", "\\U0041", "\\x41", "\\a",
            "\\v", "\\0", "\\'", "\\ ", "\\", "\\\\\\", "\\é", "\x00", "\x01", "\x1f", "\x7f", "\x80",
            "\t", "\b", "\x1b", "é", "€", "😀", "\u2028\u2029", "\ufeff", "\ufffd", "\U0010ffff", "/",
            "//", "/*", "'", "a'b", "\\u005c", "\\u0022", "\\u0022,\\u0022w\\u0022:1", "{", "}", "[1,2",
            "\\" * 63, "\\" * 64, "\\" * 65, "a" * 62 + "\\\"", "a" * 63 + "\\\"", "a" * 63 + "\\u00e4"):
        yield '"' + text + '"'
    for depth in (10, 500, 1000, 1020, 1100, 20000):
        yield "[" * depth + "]" * depth
        yield '{"a":' * depth + "1" + "}" * depth
        yield "[" * depth
    yield '"' + "x" * 900000 + '"'
    yield '"' + "\\u00e4" * 100000 + '"'
    yield "[" + "1," * 100000 + "1]"
    yield "1" * 100000
    yield "0." + "1" * 100000
    yield "[" + '"",' * 100000 + "{}]"


def line_of(value):
    return b'{"v":' + value + b"}"


# Not UTF-8, in many ways.
BROKEN = (
    b"\xff", b"\xfe", b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xc3(", b"\xe2\x82",
    b"\xe2(\xa1", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80",
    b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xef\xbf")

WHOLE = (
    b"", b" ", b"{}", b"[]", b"1", b'"v"', b"null", b"{", b"}", b'{"w":1}', b'{"v":1}x', b'{"v":1}}',
    b'{"v":1},', b'{"v":1} ', b' {"v":1}', b'\t{"v":1}\t\r', b'{"v":1}{"v":2}', b'{"v":1} {"v":2}',
    b'{"v":1,"v":2}', b'{"v":"\\u0000","v":2}', b'{"v":1,"v":[}', b'{"\\u0076":3}', b'{"V":1}',
    b'{"v ":1}', b'{"v\\u0000":1}', b'{"":1,"v":2}', b'{"w":[1,{"v":2}],"v":3}', b'{"w":{"v":2}}',
    b'{v:1}', b"{'v':1}", b'{"v"=1}', b'{"v":1;}', b'[{"v":1}]', b'{"v":1', b'"v":1}', b'x{"v":1}',
    b'{"w":tru,"v":1}', b'{"w":01,"v":1}', b'{"w":"\\q","v":1}', b'{"w":"\\ud800","v":1}',
    b'{"w":[[],{}],"v":1}', b'{"w":[1,],"v":1}', b'{"w":{"a"},"v":1}', b'{"v":1,"w":}', b'{"v":1,}',
    b'{,"v":1}', b'{"v":1,"w"}', b'{"v":1,"w":1 2}', b'\xef\xbb\xbf{"v":1}', b'{"v":1}\x00',
    b'{"v":1}\x0b', b'{"v":1}//', b'{"\\ud83d\\ude00":1,"v":1}', b'{"\\udc00":1,"v":1}',
    b'{"\xff":1,"v":1}', b'{\x00"v":1}', b'{"v":\x00"a"}', b'{"v":1}\xc2\xa0')


def random_value(depth):
    kind = rng.randrange(8 if depth else 6)
    space = lambda: rng.choice(("", "", "", " ", "\t", "\r", "  "))
    if kind < 2:
        return rng.choice(("0", "-1", "1.50", "1e9", "-0.0", "12345678901234567890", "true", "null"))
    if kind < 6:
        return '"' + "".join(rng.choice(("a", "\\n", "\\\\", "\\\"", "ä", "\\u20ac", "😀", "{", "]",
                                         ",", ":", " ")) for _ in range(rng.randrange(40))) + '"'
    inside = [random_value(depth - 1) for _ in range(rng.randrange(4))]
    if kind == 7:
        inside = ['"%d"%s:%s%s' % (i, space(), space(), text) for i, text in enumerate(inside)]
    text = (space() + "," + space()).join(inside)
    return ("[%s]" if kind == 6 else "{%s}") % (space() + text + space())


def spoiled(line):
    """`line` with something wrong, or right by chance."""
    at = rng.randrange(len(line) + 1)
    how = rng.randrange(5)
    if how == 0:
        return line[:at] + line[at + 1:]
    if how == 1:
        return line[:at] + bytes([rng.choice(b'{}[]",:\\ \t01eE.-+tfnu\x01\x80')]) + line[at:]
    if how == 2:
        return line[:at] + bytes([rng.choice(b'{}[]",:\\ 0aexX\xff')]) + line[at + 1:]
    if how == 3:
        return line[:at]
    other = rng.randrange(len(line) + 1)
    return line[:at] + line[other:]


def objects():
    """JSON lines, each file a list of lines; a good one stands between the bad ones."""
    good = b'{"v":"good"}'
    for value in values():
        yield [good, line_of(value.encode("utf-8", "surrogatepass")), good]
    for broken in BROKEN:
        yield [line_of(b'"a' + broken + b'b"'), good, line_of(broken), line_of(b'"' + broken + b'"')]
    for whole in WHOLE:
        yield [whole, good, whole]
    whole = line_of('[{"a":"\\u00e4\\ud83d\\ude00ä","b":[1.5e-3,true,null]}, -0]'.encode())
    yield [whole[:i] for i in range(len(whole) + 1)]
    yield [whole[i:] for i in range(len(whole) + 1)]
    yield [whole[:i] + b"\x00" + whole[i:] for i in range(len(whole) + 1)]
    yield [whole[:i] + b"\xff" + whole[i:] for i in range(len(whole) + 1)]
    yield [whole[:i] + b" " + whole[i:] for i in range(len(whole) + 1)]
    yield [whole[:i] + b'"' + whole[i:] for i in range(len(whole) + 1)]
    for cut in range(20):
        yield [b'{"v":"' + b"x" * (CHUNK - 20 + cut) + b'\\n"}', good]
    for _ in range(100):
        yield [line_of(random_value(5).encode()) for _ in range(20)]
    for _ in range(100):
        yield [spoiled(line_of(random_value(3).encode())).replace(b"\n", b"") for _ in range(50)]
    for _ in range(20):
        yield [bytes(rng.choice(b'{}[]"v:,1\\ue') for _ in range(rng.randrange(30))) for _ in range(100)]
        yield [b'{"v":' + bytes(rng.choice(b'{}[]"",:10-.e ') for _ in range(rng.randrange(9))) + b"}"
               for _ in range(100)]


def commands():
    for value in values():
        text = value.encode("utf-8", "surrogatepass")
        yield [b'{"argv":["a",%s]}' % text, b'{"argv":[%s]}' % text, b'{"argv":%s}' % text,
               b'{"argv":["a"],"w":%s}' % text, b'{"argv":["a"]}']


def write(folder, files):
    os.mkdir(folder)
    count = 0
    for count, data in enumerate(files, 1):
        with open("%s/%04d" % (folder, count), "wb") as file:
            file.write(data)
    return count


def lines(files):
    """Half of the files end without a newline."""
    for i, file in enumerate(files):
        yield b"\n".join(file) + (b"\n" if i % 2 else b"")


if __name__ == "__main__":
    top = sys.argv[1]
    table_files = list(tables())
    swap = bytes.maketrans(b",\t", b"\t,")
    for name, files in (("csv", table_files), ("tsv", [t.translate(swap) for t in table_files]),
                        ("members", lines(objects())), ("argv", lines(commands()))):
        print(name, write(os.path.join(top, name), files))
