#!/usr/bin/env bash
# The Debian package has the program and what belongs to it, needs only what the program links, and
# is the same each time.
. "$(dirname "$0")/../lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
command -v dpkg-shlibdeps >/dev/null || skip "there is no dpkg-shlibdeps"
if grep -qa __asan_init "$GENTLIFY"; then skip "a package with a sanitizer is given to nobody"; fi

pack() { expect_status 0 cpack --config "$BUILD/CPackConfig.cmake" -B "$PWD/$1"; }
pack first
pack second
deb=(first/*.deb)
cmp "${deb[0]}" second/*.deb || fail "a second package has other bytes"

version=$("$GENTLIFY" --version | sed -n '1s/gentlify //p')
[[ $(dpkg-deb -f "${deb[0]}" Package) == gentlify ]] || fail "it has another name"
[[ $(dpkg-deb -f "${deb[0]}" Version) == "$version" ]] || fail "it is of another version"

# Each library that the program names comes from a package that it depends on, and no other does.
needed=$(readelf -d "$GENTLIFY" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -v ld-linux |
  while read -r library; do dpkg-query -S "*/$(uname -m)-linux-gnu/$library"; done | cut -d: -f1 | sort -u)
depends=$(dpkg-deb -f "${deb[0]}" Depends | tr , '\n' | sed 's/(.*//; s/ //g' | sort -u)
[[ $depends == "$needed" ]] || fail "it depends on $depends; the program needs $needed"

dpkg-deb -x "${deb[0]}" there
expect_status 0 there/usr/bin/gentlify echo ::: packed
expect_stdout packed
for file in man/man1/gentlify{,-check,-ctl,-presets,-push,-report,-simulate}.1.gz \
  bash-completion/completions/gentlify zsh/vendor-completions/_gentlify \
  fish/vendor_completions.d/gentlify.fish \
  doc/gentlify/{copyright,changelog.gz,example.toml,README.md,docs/systemd/gentlify@.service}; do
  [[ -s there/usr/share/$file ]] || fail "$file is missing"
done
[[ ! -e there/usr/include && ! -e there/usr/lib ]] || fail "it has more than the program"

if command -v systemd-analyze >/dev/null; then
  unit=gentlify@list.service
  sed "s|/usr/bin/gentlify|$GENTLIFY|" "$root/docs/systemd/gentlify@.service" >"$unit"
  expect_status 0 systemd-analyze verify --man=no "./$unit"
  [[ ! -s $err ]] || fail "systemd finds fault with the unit: $(<"$err")"
fi
