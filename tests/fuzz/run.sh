#!/bin/bash
# Fuzzes every target: run.sh BUILD SECONDS, where BUILD has the targets in
# fuzzers/ and SECONDS is the time for all of them together. Inputs that reach
# new code go to BUILD/new/NAME, inputs that fail to BUILD/findings/.
set -u
cd "$(dirname "$0")/../.." || exit 1

build=$1
targets=(tests/fuzz/fuzz_*.c)
[ -e "${targets[0]}" ] || { echo "no fuzz targets in tests/fuzz" >&2; exit 1; }
seconds=$(($2 / ${#targets[@]}))
[ "$seconds" -ge 1 ] || seconds=1
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}

failed=0
mkdir -p "$build/findings"
for target in "${targets[@]}"; do
    name=$(basename "$target" .c)
    new=$build/new/${name#fuzz_}
    log=$build/$name.log
    mkdir -p "$new"
    if "$build/fuzzers/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
        -print_final_stats=1 -artifact_prefix="$build/findings/$name-" \
        "$new" "tests/fuzz/corpus/${name#fuzz_}" </dev/null >"$log" 2>&1; then
        echo "ok      $name: $(grep -o 'number_of_executed_units.*' "$log"), $(find "$new" -type f | wc -l) new inputs"
    else
        failed=$((failed + 1))
        tail -40 "$log"
        echo "FAILED  $name: input in $build/findings/, log in $log"
    fi
done
exit $((failed > 0))
