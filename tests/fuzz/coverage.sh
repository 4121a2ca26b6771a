#!/bin/bash
# Which lines of the library the fuzz corpora reach: coverage.sh BUILD, where BUILD has
# the targets in replay/, built by clang for source coverage. The figures of each file
# are printed, those of all at the end. What waits for a live capture cannot be reached.
set -eu
cd "$(dirname "$0")/../.."

build=$1
profiles=$(mktemp -d)
trap 'rm -rf "$profiles"' EXIT
objects=()
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    find "tests/fuzz/corpus/${name#fuzz_}" -type f -print0 | sort -z |
        LLVM_PROFILE_FILE=$profiles/$name-%p.profraw xargs -0 "$build/replay/$name" >/dev/null 2>&1
    objects+=(-object "$build/replay/$name")
done
llvm-profdata merge -o "$profiles/all" "$profiles"/*.profraw
llvm-cov report "${objects[@]:1}" -instr-profile "$profiles/all" -show-region-summary=false \
    -show-branch-summary=false -ignore-filename-regex='/live\.c$|/label_live\.c$' src
