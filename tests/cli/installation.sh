#!/usr/bin/env bash
# `cmake --install` puts the program, its manual and its completions where they are looked for.
. "$(dirname "$0")/../lib.sh"

expect_status 0 cmake --install "$BUILD" --prefix "$PWD/prefix"
expect_status 0 prefix/bin/gentlify echo ::: installed
expect_stdout installed
for file in man/man1/gentlify{,-check,-ctl,-presets,-push,-report,-simulate}.1 bash-completion/completions/gentlify \
  zsh/vendor-completions/_gentlify fish/vendor_completions.d/gentlify.fish \
  doc/gentlify/{example,model}.toml doc/gentlify/docs/{controller.md,models/cap.toml,pictures/status.svg}; do
  [[ -s prefix/share/$file ]] || fail "$file is not installed"
  ! grep -qE '@[A-Z]+@' "prefix/share/$file" || fail "$file has a mark that was not filled in"
done
