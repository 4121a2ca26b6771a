#!/bin/sh
# Installs those of the named Debian packages that are missing; says nothing when none is.
set -eu

if ! command -v dpkg-query >/dev/null; then
    echo "not a Debian system; these packages are needed: $*" >&2
    exit 0
fi

missing=
for package in "$@"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Packages are missing, and there is neither root nor sudo. For an administrator:" >&2
        echo "apt-get install -y --no-install-recommends$missing" >&2
        exit 1
    fi
    as_root=sudo
fi

echo "installing:$missing"
log=$(mktemp)
heartbeat=$(dirname "$0")/heartbeat.sh
trap 'rm -f "$log"' EXIT
apt_get() {
    if ! "$heartbeat" "$log" $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" </dev/null; then
        cat "$log" >&2
        exit 1
    fi
}
apt_get update
# shellcheck disable=SC2086 # a list of words
apt_get install -y --no-install-recommends $missing
