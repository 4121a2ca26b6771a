#!/bin/sh
# Runs a command with its output in a file, and shows every HEARTBEAT_SECONDS (10) that it lives, by
# the last line that says something: heartbeat.sh LOG COMMAND...
set -u
log=$1
beat=${HEARTBEAT_SECONDS:-10}
shift

"$@" >"$log" 2>&1 &
command=$!
# A command in the background does not get Ctrl-C.
trap 'kill "$command" 2>/dev/null; exit 130' INT TERM HUP

seconds=0
while kill -0 "$command" 2>/dev/null; do
    sleep 1
    seconds=$((seconds + 1))
    if [ $((seconds % beat)) -eq 0 ]; then
        printf '  %3d s  %s\n' "$seconds" "$(grep -a '[[:alnum:]]' "$log" | tail -n 1 | cut -c 1-68)"
    fi
done
wait "$command"
