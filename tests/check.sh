#!/bin/bash
# Runs all tests over a build and adds them up: check.sh BUILD [units|outside [TESTS...]]
# With "units" the tests from outside (pytest) are left out, with "outside" all others; of those
# from outside, TESTS are the folders or files that are run, usually tests/cli.
# The last line is "N passed, N failed", with ", N skipped" where some were.
set -u
cd "$(dirname "$0")/.." || exit 1

build=$(realpath "$1")
part=${2:-all}
tests=("${@:3}")
[ ${#tests[@]} -gt 0 ] || tests=(tests/cli)
export LABELCAP_BUILD=$build LC_ALL=C
# A sanitizer's finding must not look like labelcap's own exit status 1.
export ASAN_OPTIONS=exitcode=99:allocator_may_return_null=1
export UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
outputs=$(mktemp -d)
output=$outputs/last
files=
trap 'rm -rf "$outputs" "$files"' EXIT

passed=0 failed=0 skipped=0

# report NAME PASSED FAILED SKIPPED: adds up, and shows the output of what failed.
report() {
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    if [ "$3" -gt 0 ]; then
        cat "$output"
        echo "FAILED  $1: $3 failed, $2 passed"
    else
        echo "ok      $1: $2 passed$([ "$4" -eq 0 ] || echo ", $4 skipped")"
    fi
}

count_lines() {
    grep -cE -- "$1" "$output"
}

# Runs NAME's test or replay, its output in $outputs/NAME and its status in $outputs/NAME.status.
run_unit() {
    local name=$1 command=("$build/tests/$1")
    [[ $name != fuzz_* ]] || command=(bash -c "replay_corpus $name")
    CMOCKA_MESSAGE_OUTPUT=TAP timeout 600 "${command[@]}" </dev/null >"$outputs/$name" 2>&1
    echo $? >"$outputs/$name.status"
}

# cmocka can speak TAP: "1..N", then "ok N - name", "not ok N - name" or "not ok N # SKIP name".
count_unit_test() {
    local status tests good bad skips
    status=$(cat "$outputs/$1.status")
    output=$outputs/$1
    tests=$(awk -F'[.]+' '/^1\.\.[0-9]+$/ { sum += $2 } END { print sum + 0 }' "$output")
    good=$(count_lines '^ok [0-9]+ - ')
    skips=$(count_lines '^(not )?ok [0-9]+ # SKIP')
    bad=$(count_lines '^not ok [0-9]+ - ')
    # A program that died or left early has tests without a result, or none at all.
    if [ "$tests" -eq 0 ] || [ $((good + bad + skips)) -lt "$tests" ] || [ $((status != 0 && bad == 0)) -eq 1 ]; then
        echo "$1 ended with status $status" >>"$output"
        bad=$((bad + 1))
    fi
    report "$1" "$good" "$bad" "$skips"
}

count_replay() {
    output=$outputs/$1
    if [ "$(cat "$outputs/$1.status")" -eq 0 ]; then
        report "replay of $1" 1 0 0
    else
        report "replay of $1" 0 1 0
    fi
}

# On all processors, for that is most of what the sanitized builds do.
run_units() {
    local unit_tests replays name
    mapfile -t unit_tests < <(basename -s .c tests/unit/test_*.c)
    mapfile -t replays < <(basename -s .c tests/fuzz/fuzz_*.c)
    printf '%s\n' "${unit_tests[@]}" "${replays[@]}" |
        xargs -P "$(nproc)" -I '{}' bash -c 'run_unit {}'
    for name in "${unit_tests[@]}"; do count_unit_test "$name"; done
    for name in "${replays[@]}"; do count_replay "$name"; done
    output=$outputs/last
}

# step NAME COMMAND...: one test, passed when the command succeeds.
step() {
    local name=$1
    shift
    if timeout 600 "$@" </dev/null >"$output" 2>&1; then
        report "$name" 1 0 0
    else
        report "$name" 0 1 0
    fi
}

replay_corpus() {
    local corpus=tests/fuzz/corpus/${1#fuzz_}
    [ -n "$(find "$corpus" -type f 2>/dev/null)" ] || { echo "no corpus in $corpus"; return 1; }
    find "$corpus" -type f -print0 | sort -z | xargs -0 "$build/replay/$1"
}
export -f run_unit replay_corpus
export build outputs

# "SKIPPED [N] FILE:LINE: REASON" of pytest -rs: one line for each reason.
sum_up_skips() {
    sed -nE 's/^SKIPPED \[([0-9]+)\] [^ ]+: (.*)$/\1\t\2/p' "$output" |
        awk -F '\t' '{ sum[$2] += $1 } END { for (reason in sum) print "skipped " sum[reason] ": " reason }' |
        sort
}

# In memory, where there is room for the 4 GiB that the tests leave: on a disk, most of their time is
# that of outputs which are synced.
folder_for_files() {
    local room
    room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)
    room=$(awk -v room="${room:-0}" '/^MemAvailable/ { print room < $2 ? room : $2 }' /proc/meminfo)
    if [ "$room" -gt $((8 << 20)) ] && [[ $(findmnt -no OPTIONS -T /dev/shm) != *noexec* ]]; then
        mktemp -d -p /dev/shm
    else
        mktemp -d
    fi
}

pytest_cli() {
    local xml=$build/pytest.xml workers=() status counts
    files=$(folder_for_files)
    # More than processors, for many tests wait for something.
    /usr/bin/python3 -c 'import xdist' 2>/dev/null && workers=(-n 3)
    rm -f "$xml"
    .ci/heartbeat.sh "$output" /usr/bin/python3 -m pytest -q -rs --tb=short "${workers[@]}" \
        --basetemp="$files/pytest" --junitxml="$xml" "${tests[@]}" </dev/null
    status=$?
    counts=$(/usr/bin/python3 - "$xml" "$status" <<'PYTHON'
import sys
import xml.etree.ElementTree as tree

try:
    suites = list(tree.parse(sys.argv[1]).getroot().iter("testsuite"))
except (OSError, tree.ParseError):
    suites = []
total, failed, skipped = (
    sum(int(suite.get(name, 0)) for suite in suites for name in names)
    for names in (["tests"], ["failures", "errors"], ["skipped"])
)
passed = max(total - failed - skipped, 0)
if sys.argv[2] != "0" and failed == 0:
    failed = 1
print(passed, failed, skipped)
PYTHON
    )
    # shellcheck disable=SC2086 # three numbers
    report "pytest ${tests[*]}" $counts
    sum_up_skips
}

if [ "$part" != outside ]; then
    step "layers" tests/layers.sh
    step "layers can fail" tests/layers.sh --self-test
    run_units
fi
[ "$part" = units ] || pytest_cli

if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
