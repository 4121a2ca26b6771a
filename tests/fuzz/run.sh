#!/bin/bash
# Fuzzes every target, as many at a time as there are processors: run.sh BUILD SECONDS, where
# BUILD has the targets in fuzzers/ and SECONDS is the time for all of them together. Inputs
# that reach new code go to BUILD/new/NAME, inputs that fail to BUILD/findings/.
set -u
cd "$(dirname "$0")/../.." || exit 1

build=$1
mapfile -t names < <(basename -s .c tests/fuzz/fuzz_*.c)
seconds=$(($2 * $(nproc) / ${#names[@]}))
[ "$seconds" -ge 1 ] || seconds=1
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}

fuzz() {
    local name=$1 new=$build/new/${1#fuzz_} log=$build/$1.log
    mkdir -p "$new"
    if "$build/fuzzers/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
        -print_final_stats=1 -artifact_prefix="$build/findings/$name-" \
        "$new" "tests/fuzz/corpus/${name#fuzz_}" </dev/null >"$log" 2>&1; then
        echo "ok      $name: $(grep -o 'number_of_executed_units.*' "$log"), $(find "$new" -type f | wc -l) new inputs"
    else
        tail -40 "$log"
        echo "FAILED  $name: input in $build/findings/, log in $log"
        return 1
    fi
}
export -f fuzz
export build seconds

mkdir -p "$build/findings"
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I '{}' bash -c 'fuzz {}'
