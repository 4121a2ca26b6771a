#!/usr/bin/env bash
# Records the captures of datasets/apps/ and datasets/mixed/ and writes the rules files beside them:
# real servers and clients of Debian talk to each other between two network namespaces.
#
# usage (as root): make_captures.sh [DIRECTORY]
# DIRECTORY (default: the datasets/ folder that holds this script) gets apps/ and mixed/.
set -euo pipefail

datasets=$(realpath "${1:-$(dirname "$0")/..}")
readonly datasets

readonly packages=(
    bind9-dnsutils chrony curl dnsmasq-base dovecot-imapd ethtool exim4-daemon-light hostname
    iproute2 iputils-ping libio-socket-inet6-perl libmemcached-tools memcached mosquitto
    mosquitto-clients nginx-light ntpsec-ntpdig openssh-client openssh-server openssl postgresql
    redis-server redis-tools rsyslog snmp snmpd swaks tcpdump tftp-hpa tftpd-hpa tshark vsftpd
    wireshark-common
)

here=$(dirname "$(realpath "$0")")
# shellcheck source-path=SCRIPTDIR source=servers.sh
source "$here/servers.sh"
# shellcheck source-path=SCRIPTDIR source=workloads.sh
source "$here/workloads.sh"

readonly client_namespace=labelcap-client
readonly server_namespace=labelcap-server
readonly client_ip4=192.0.2.10 client_ip6=2001:db8::10 client_mac=02:00:00:00:00:01
readonly server_ip4=192.0.2.20 server_ip6=2001:db8::20 server_mac=02:00:00:00:00:02

# One line a workload: class, workload (the function class_workload), format of its captures, and
# the display filter that tells its packets from others. Each is recorded over IPv4 and IPv6.
# micro and nano are pcap files of that resolution, snap96 is micro with packets cut at 96 bytes.
readonly workloads='
dns         lookups   nano    dns
dns         tcp       micro   dns
ftp         download  micro   ftp
ftp         upload    micro   ftp
http        browse    micro   http
http        transfer  snap96  http
https       browse    pcapng  tls
https       tls12     micro   tls
imap        read      micro   imap
imap        append    micro   imap
memcached   copy      micro   memcache
memcached   load      micro   memcache
mqtt        publish   micro   mqtt
mqtt        session   pcapng  mqtt
ntp         sync      nano    ntp
ntp         query     nano    ntp
postgresql  queries   micro   pgsql
postgresql  bench     micro   pgsql
redis       commands  micro   resp
redis       bench     nano    resp
smtp        message   micro   smtp
smtp        batch     micro   smtp
snmp        walk      micro   snmp
snmp        v3        micro   snmp
ssh         commands  micro   ssh
ssh         copy      nano    ssh
syslog      udp       micro   syslog
syslog      tcp       micro   syslog
tftp        get       micro   tftp
tftp        put       micro   tftp
'

namespaces_made=()

fail() {
    echo "make_captures.sh: $*" >&2
    exit 1
}

# ---- packages, namespaces, cleaning up -----------------------------------------------------------

# Debian starts a daemon as it installs it, unless policy-rc.d forbids that.
install_packages() {
    local package policy=/usr/sbin/policy-rc.d missing=()
    for package in "${packages[@]}"; do
        dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null |
            grep -q 'ok installed' || missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then
        return
    fi
    if [[ ! -e $policy ]]; then
        policy_made=$policy
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
    rm -f "${policy_made:-}"
}

# Only processes inside the two namespaces are ended; those are all ours.
end_processes() { # SIGNAL
    local namespace
    for namespace in "${namespaces_made[@]}"; do
        ip netns pids "$namespace" | xargs --no-run-if-empty kill "-$1" 2>/dev/null
    done
}

clean_up() {
    local status=$? namespace
    trap - EXIT
    set +e
    if ((status != 0)) && [[ -d ${work:-} ]]; then
        echo 'make_captures.sh: failed; the last lines of all logs:' >&2
        tail --lines=5 "$work"/log/* >&2
    fi
    rm -f "${policy_made:-}"
    end_processes TERM
    sleep 1
    end_processes KILL
    wait 2>/dev/null
    for namespace in "${namespaces_made[@]}"; do
        ip netns delete "$namespace"
        rm -rf "/etc/netns/$namespace"
    done
    rm -rf "${work:-}"
    exit "$status"
}

# ip-netns(8) lays the files of /etc/netns/NAME over those of /etc.
make_namespace() { # NAME
    [[ ! -e /run/netns/$1 && ! -e /etc/netns/$1 ]] || fail "network namespace $1 is there already"
    ip netns add "$1"
    namespaces_made+=("$1")
    mkdir -p "/etc/netns/$1"
    echo 'nameserver 127.0.0.1' >"/etc/netns/$1/resolv.conf"
    cat >"/etc/netns/$1/hosts" <<-END
		127.0.0.1 localhost
		::1 localhost
		$client_ip4 client.example
		$client_ip6 client.example
		$server_ip4 server4.example
		$server_ip6 server6.example
	END
    ip -n "$1" link set lo up
}

# Segmentation and checksums are left to no device, so that packets look as on a wire. Without
# link-local addresses and router solicitations nothing but the workloads sends anything.
set_up_interface() { # NAMESPACE MAC IP4 IP6
    ip netns exec "$1" sysctl --quiet net.ipv6.conf.eth0.accept_ra=0 \
        net.ipv6.conf.eth0.router_solicitations=0
    ip netns exec "$1" ethtool --offload eth0 rx off tx off sg off tso off gso off gro off \
        >/dev/null
    ip -n "$1" link set eth0 address "$2" addrgenmode none up
    ip -n "$1" address add "$3/24" dev eth0
    ip -n "$1" address add "$4/64" dev eth0 nodad
}

make_network() {
    make_namespace "$client_namespace"
    make_namespace "$server_namespace"
    ip link add eth0 netns "$client_namespace" type veth peer name eth0 netns "$server_namespace"
    set_up_interface "$client_namespace" "$client_mac" "$client_ip4" "$client_ip6"
    set_up_interface "$server_namespace" "$server_mac" "$server_ip4" "$server_ip6"
}

# With permanent neighbours the captures of one application hold no ARP and no neighbour discovery.
pin_neighbours() {
    local address
    for address in "$server_ip4" "$server_ip6"; do
        ip -n "$client_namespace" neighbour replace "$address" lladdr "$server_mac" dev eth0
    done
    for address in "$client_ip4" "$client_ip6"; do
        ip -n "$server_namespace" neighbour replace "$address" lladdr "$client_mac" dev eth0
    done
}

forget_neighbours() {
    ip -n "$client_namespace" neighbour flush dev eth0 nud all
    ip -n "$server_namespace" neighbour flush dev eth0 nud all
}

# An empty environment and a host name of its own keep this machine's settings out of the captures.
run_in() { # NAMESPACE HOSTNAME COMMAND...
    # shellcheck disable=SC2016 # the inner shell expands these
    ip netns exec "$1" unshare --uts env --ignore-environment PATH="$PATH" HOME="$work/home" \
        LC_ALL=C.UTF-8 TZ=UTC sh -c 'hostname "$0"; cd "$HOME"; exec "$@"' "${@:2}"
}

client() { run_in "$client_namespace" client.example "$@"; }
server() { run_in "$server_namespace" server.example "$@"; }

# ---- files that are served or sent ---------------------------------------------------------------

random_bytes() { # COUNT: the same bytes in every run
    head --bytes="$1" /dev/zero |
        openssl enc -aes-128-ctr -K "$(printf '%032d' 0)" -iv "$(printf '%032d' 1)"
}

make_content() {
    local files=$work/files
    mkdir -p "$files" "$work/home" "$work/log"
    seq --format='<p>Paragraph %g of a page about nothing.</p>' 1 60 >"$files/index.html"
    seq --format='.column-%g { margin: 0 auto; color: #203040; }' 1 150 >"$files/style.css"
    seq --format='%g,sensor,21.5,ok' 1 400 >"$files/readings.csv"
    random_bytes 5000 >"$files/icon.png"
    random_bytes 60000 >"$files/photo.jpg"
    printf 'From: %s\r\nTo: %s\r\nSubject: Readings\r\n\r\n' \
        alice@client.example bob@mail.example >"$files/mail.txt"
    seq --format='Line %g of a letter.' 1 40 | sed 's/$/\r/' >>"$files/mail.txt"
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=server.example' \
        -addext 'subjectAltName=DNS:server4.example,DNS:server6.example' \
        -keyout "$work/tls.key" -out "$work/tls.crt" 2>"$work/log/openssl"
    ssh-keygen -q -t ed25519 -N '' -C '' -f "$work/ssh_host_key"
    ssh-keygen -q -t ed25519 -N '' -C '' -f "$work/ssh_user_key"
}

# ---- recording -----------------------------------------------------------------------------------

record() { # FILE FORMAT COMMAND...
    local recorder options=()
    case $2 in
    nano | pcapng) options=(--time-stamp-precision=nano) ;;
    snap96) options=(--snapshot-length=96) ;;
    esac
    rm -f "$work/log/tcpdump" # else the loop below may see the line of the recording before
    ip netns exec "$server_namespace" tcpdump -i eth0 --immediate-mode --packet-buffered \
        --relinquish-privileges=root "${options[@]}" -w "$work/recording" 2>"$work/log/tcpdump" &
    recorder=$!
    until grep -q '^tcpdump: listening' "$work/log/tcpdump" 2>/dev/null; do
        sleep 0.05
    done
    "${@:3}" >>"$work/log/clients" 2>&1
    sleep 0.5 # for the last packets of connections that are being closed
    kill -INT "$recorder"
    wait "$recorder"
    # dumpcap would put the machine's processor and kernel into the file; editcap does not.
    if [[ $2 == pcapng ]]; then
        editcap -F pcapng "$work/recording" "$1"
    else
        cp "$work/recording" "$1"
    fi
}

check_application() { # FILE DISPLAY-FILTER PEERS-FILTER
    local decoded others
    # Of the ports in use, tshark does not know the one of syslog over TCP (RFC 3195).
    decoded=$(tshark -n -d tcp.port==601,syslog -r "$1" -Y "$2" 2>>"$work/log/tshark" | wc -l)
    ((decoded > 0)) || fail "$1 holds no packet that tshark decodes as $2"
    others=$(tcpdump -n -r "$1" "not ($3)" 2>>"$work/log/tcpdump" | wc -l)
    ((others == 0)) || fail "$1 holds $others packets other than $3"
}

record_applications() { # DIRECTORY
    local class workload format filter family file suffix peers
    peers[4]="ip host $client_ip4 and ip host $server_ip4"
    peers[6]="ip6 host $client_ip6 and ip6 host $server_ip6"
    echo 'traffic_filter,metadata,hash_key' >"$1/labels.csv"
    while read -r class workload format filter <&3; do
        suffix=pcap
        [[ $format != pcapng ]] || suffix=pcapng
        mkdir -p "$1/$class"
        for family in 4 6; do
            file=$class/$class-$workload-v$family.$suffix
            echo "recording $file"
            record "$1/$file" "$format" "${class}_$workload" "server$family.example"
            check_application "$1/$file" "$filter" "${peers[$family]}"
            echo "FILE:$file,$class," >>"$1/labels.csv"
        done
    done 3< <(sed '/^$/d' <<<"$workloads")
}

background() { # COMMAND...
    "$@" &
    background_jobs+=("$!")
}

join_background() {
    local job
    for job in "${background_jobs[@]}"; do
        wait "$job"
    done
    background_jobs=()
}

# Two busy phases with a pause between them; the times around them go into the rules.
mixed_traffic() {
    background_jobs=()
    forget_neighbours
    first_start=$(date +%s)
    background client ping -c 5 -i 0.3 server4.example
    background dns_lookups server4.example
    background http_browse server6.example
    background ntp_sync server6.example
    background redis_commands server4.example
    background ssh_commands server4.example
    join_background
    first_end=$(date +%s)
    sleep 12
    forget_neighbours
    second_start=$(date +%s)
    background client ping -c 5 -i 0.3 server6.example
    background dns_lookups server6.example
    background http_transfer server4.example
    background mqtt_publish server6.example
    background ntp_query server4.example
    background redis_bench server4.example
    background ssh_copy server6.example
    join_background
    second_end=$(date +%s)
}

write_mixed_rules() {
    cat <<-END
		# Rules for mixed.pcap, one of each kind. The first rule that matches a packet labels it;
		# packets that no rule matches are dropped (here: ARP and neighbour discovery before the pause).
		traffic_filter,metadata,hash_key
		# A filter alone. The sampleID is a hash of the whole line.
		BPF:udp port 53,dns,
		# Two rules with one hash_key make one sample: the web server's IPv4 and IPv6 address.
		BPF:tcp port 80 and host $server_ip4,http,web-server
		BPF:tcp port 80 and host $server_ip6,http,web-server
		# A filter and a time window in whole seconds since the epoch, both ends inclusive.
		BPF:tcp port 22|TS_START:$first_start|TS_END:$first_end,ssh-commands,
		# A window may be open at one end.
		BPF:tcp port 22|TS_START:$second_start,ssh-copy,
		# The same in ISO 8601 with a zone.
		BPF:udp port 123|TS_END:$(date --utc --date="@$first_end" +%FT%TZ),ntp-sync,
		BPF:udp port 123|TS_START:$(TZ=UTC-2 date --date="@$second_start" +%FT%T+02:00),ntp-query,
		# '|' is also an operator of filters: it ends one only where a tag follows. Metadata may hold
		# commas if it is quoted. This rule takes its packets from the next one, which is wider.
		BPF:tcp port 6379 and tcp[tcpflags] & (tcp-syn|tcp-fin) != 0,"redis, opening and closing",
		BPF:tcp port 6379,redis,
		# A file and a filter; both must match. The file may be named by its path or by its bare name.
		FILE:mixed.pcap|BPF:icmp or (icmp6 and (ip6[40] == 128 or ip6[40] == 129)),ping,
		# A time window alone, with fractions of a second: all the rest after the pause.
		TS_START:$second_start.000000|TS_END:$second_end.999999,background,
	END
}

record_mixed() { # DIRECTORY
    echo 'recording mixed.pcap'
    record "$1/mixed.pcap" micro mixed_traffic
    write_mixed_rules >"$1/rules.csv"
}

# ---- the whole -----------------------------------------------------------------------------------

# Results of an earlier run go only now that all of this one are there.
install_results() {
    local path
    mkdir -p "$datasets/apps" "$datasets/mixed"
    for path in "$work"/results/apps/*; do
        rm -rf "$datasets/apps/${path##*/}"
    done
    cp --recursive --no-target-directory "$work/results" "$datasets"
}

[[ $EUID == 0 ]] || fail 'network namespaces need root'
trap clean_up EXIT
trap 'exit 1' INT TERM HUP
install_packages
work=$(mktemp --directory --tmpdir captures.XXXXXX)
chmod 755 "$work"
mkdir -p "$work/results/apps" "$work/results/mixed"
make_content
make_network
pin_neighbours
start_servers
record_applications "$work/results/apps"
record_mixed "$work/results/mixed"
install_results
