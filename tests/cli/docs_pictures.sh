#!/usr/bin/env bash
# The script that makes the pictures of the documentation works, and makes all those that are shown.
. "$(dirname "$0")/../lib.sh"
repository=$(cd "$(dirname "$0")/../.." && pwd)
for program in chromium python3 tmux; do
  command -v $program >/dev/null || skip "there is no $program"
done
[[ -s $BUILD/report_page_text.cc.html ]] || skip "this build has no page, having had no npm or no network"

expect_status 0 timeout -k 5 110 "$repository/docs/pictures/make" -b "$BUILD" made
diff <(cd "$repository/docs/pictures" && ls ./*.svg ./*.png) <(cd made && ls ./*) ||
  fail "other pictures than those that are shown"
python3 - made/*.svg <<'END' || fail "a picture is not as it should be"
import sys, xml.etree.ElementTree as tree
for name in sys.argv[1:]:
    shapes = [shape.tag.split("}")[1] for shape in tree.parse(name).getroot()]
    assert shapes.count("path") >= 4 or "status" in name, name
title = tree.parse("made/status.svg").getroot()[0].text
assert title.startswith("$ gentlify -j 32 "), title
assert "█" in title and "2 failed" in title, title
with open("made/report.png", "rb") as file:
    picture = file.read()
assert picture[:4] == b"\x89PNG" and int.from_bytes(picture[16:20], "big") == 1000
assert 20_000 < len(picture) < 150_000, len(picture)  # a page without its plots has less
END
