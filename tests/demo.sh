#!/bin/bash
# The tour of `make demo`: demo.sh BUILD. All files go to BUILD/demo.
set -eu
cd "$(dirname "$0")/.."

program=$1/labelcap
out=$1/demo
rm -rf "$out"
mkdir -p "$out"

# Shows a command line as one would type it, then runs it.
run() {
    local line
    printf -v line ' %q' "$@"
    printf '\n$%s\n' "${line//\\,/,}"
    "$@"
}

# The same, cut to its first lines.
first_lines() {
    local lines=$1
    shift
    run "$@" 2>/dev/null | sed "$((lines + 2))q" || true
}

say() {
    printf '\n== %s\n' "$*"
}

say "A folder of captures: the rules say which file is which application"
run "$program" label -L datasets/apps/labels.csv -o "$out/apps.pcapng" -s datasets/apps
run "$program" info "$out/apps.pcapng"

say "One mixed capture: the rules are packet filters and time windows"
run "$program" label -L datasets/mixed/rules.csv -o "$out/mixed.pcapng" -t datasets/mixed/mixed.pcap
run "$program" sort -o "$out/mixed-sorted.pcapng" "$out/mixed.pcapng"
run "$program" info "$out/mixed-sorted.pcapng"

say "Back to one capture per sample"
run "$program" split -o "$out/samples" "$out/mixed-sorted.pcapng"
first_lines 5 cat "$out/samples/metadata.csv"

say "A table of flows and their features, ready for pandas"
run "$program" flows -o "$out/flows.csv" "$out/apps.pcapng"
first_lines 8 "$program" flows -q --preview 6 "$out/apps.pcapng" \
    --columns metadata,protocol,destination_port,packets,bytes,duration,connection_state

say "The labels off again"
run "$program" strip -o "$out/mixed-stripped.pcap" "$out/mixed-sorted.pcapng"

say "Every tool reads the labelled file; the label is the packet's comment"
first_lines 5 tcpdump -n -r "$out/mixed-sorted.pcapng"
first_lines 5 tshark -n -r "$out/mixed-sorted.pcapng" -T fields \
    -e frame.number -e frame.time_epoch -e _ws.col.Protocol -e frame.comment

say "A picture of the data set: one web page"
run "$program" report -o "$out/report.html" "$out/apps.pcapng"

say "Where everything lies"
cat <<END
$out/apps.pcapng            datasets/apps, a label on every packet, sorted by sample
$out/mixed.pcapng           datasets/mixed/mixed.pcap, labelled, in the order of time
$out/mixed-sorted.pcapng    the same, sorted by sample
$out/flows.csv              a row of features for each flow of apps.pcapng
$out/report.html            apps.pcapng in pictures: open it in a browser
$out/samples/               one capture per sample, and metadata.csv
$out/mixed-stripped.pcap    the packets without their labels
END
