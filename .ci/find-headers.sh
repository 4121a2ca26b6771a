#!/bin/sh
# Fails if one of the named headers is missing, and names those that are; CC is the compiler.
set -u

status=0
for header in "$@"; do
    # shellcheck disable=SC2086 # a command with options
    if ! echo "#include <$header>" | ${CC:-cc} -E -x c - >/dev/null 2>&1; then
        echo "missing header: $header" >&2
        status=1
    fi
done
exit $status
