#!/bin/bash
# Format and static analysis; fails when any of the tools has something to say: lint.sh [JOBS]
set -u
cd "$(dirname "$0")/.." || exit 1

jobs=${1:-2}
mapfile -t all_c < <(find src include tests -name '*.[ch]' -o -name '*.cpp' | sort)
mapfile -t scripts < <(find .ci tests datasets -type f | sort |
    xargs -d '\n' grep -lE '^#!.*[/ ](ba)?sh')
mapfile -t python < <(find src tests datasets -name '*.py' | sort)
python_headers=$(/usr/bin/python3 -c 'import sysconfig; print(sysconfig.get_path("include"))')
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT

failed=0
verdict() { # STATUS TOOL
    if [ "$1" -eq 0 ]; then
        echo "ok      $2"
    else
        echo "FAILED  $2"
        failed=1
    fi
}

clang-format --dry-run -Werror "${all_c[@]}"
verdict $? clang-format

shellcheck -x -P SCRIPTDIR "${scripts[@]}"
verdict $? shellcheck

PYTHONPYCACHEPREFIX=$cache /usr/bin/python3 -m py_compile "${python[@]}"
verdict $? py_compile

cppcheck --quiet -j "$jobs" --language=c --error-exitcode=1 --inline-suppr \
    --enable=warning,performance,portability --suppress=missingIncludeSystem \
    --std=c11 -D_GNU_SOURCE -Iinclude -Isrc src
verdict $? cppcheck

# The analyzer leaves a function after 75,000 steps, not 225,000: it finds in half the time what it
# has found in this code. On standard error it counts warnings of system headers.
find src -name '*.c' -print0 | sort -z |
    xargs -0 -I '{}' -P "$jobs" clang-tidy --quiet '{}' -- -std=c11 -D_GNU_SOURCE -Iinclude -Isrc \
        -isystem "$python_headers" -Xclang -analyzer-config -Xclang max-nodes=75000 2>/dev/null
verdict $? clang-tidy
exit $failed
