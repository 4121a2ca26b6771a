# shellcheck shell=bash
# The workloads of make_captures.sh, which reads this file: functions CLASS_WORKLOAD HOST, where
# HOST is a name of the server that has an address of one family only.
# shellcheck disable=SC2154 # work is set by make_captures.sh

dns_lookups() {
    client dig "@$1" www.example A www.example AAAA web.example A mail.example AAAA example MX \
        example TXT _imap._tcp.example SRV nowhere.example A shop.example A -x 192.0.2.80 \
        ftp.example AAAA example.net A
}

dns_tcp() {
    client dig "@$1" +tcp +keepopen www.example A mail.example A shop.example AAAA example MX
    client dig "@$1" large.example TXT
}

ftp_download() {
    client curl -sS "ftp://$1/" "ftp://$1/index.html" "ftp://$1/icon.png"
    client curl -sS --list-only "ftp://$1/incoming/"
}

# Active mode: the server opens the data connections.
ftp_upload() {
    client curl -sS --ftp-port - --upload-file "$work/files/photo.jpg" "ftp://$1/incoming/$1-a.jpg"
    client curl -sS --ftp-port - --upload-file "$work/files/mail.txt" "ftp://$1/incoming/$1-b.txt"
}

http_browse() {
    client curl -sS --compressed "http://$1/" "http://$1/style.css" "http://$1/icon.png" \
        "http://$1/missing.html"
    client curl -sS --head "http://$1/photo.jpg"
    client curl -sS --time-cond "$(date --date=tomorrow '+%d %b %Y')" "http://$1/"
}

http_transfer() {
    client curl -sS "http://$1/photo.jpg"
    client curl -sS --data-binary "@$work/files/readings.csv" "http://$1/upload"
}

https_browse() {
    client curl -sS --cacert "$work/tls.crt" "https://$1/" "https://$1/style.css" \
        "https://$1/icon.png"
}

https_tls12() {
    local path
    for path in index.html icon.png photo.jpg; do
        client curl -sS --cacert "$work/tls.crt" --tls-max 1.2 --http1.1 "https://$1/$path"
    done
}

imap_client() { client curl -sS --user alice:correct-horse "$@"; }

imap_append() {
    imap_client --upload-file "$work/files/mail.txt" "imap://$1/INBOX" \
        --upload-file "$work/files/mail.txt" "imap://$1/INBOX"
    imap_client --request 'STATUS INBOX (MESSAGES UNSEEN)' "imap://$1/"
}

imap_read() {
    imap_append "$1" >/dev/null
    imap_client "imap://$1/" "imap://$1/INBOX;MAILINDEX=1" "imap://$1/INBOX?SUBJECT%20Readings"
    imap_client --request 'STORE 1 +Flags \Seen' "imap://$1/INBOX"
}

memcached_copy() {
    client memccp --servers="$1" "$work/files/index.html" "$work/files/icon.png"
    client memccat --servers="$1" index.html icon.png
    client memcrm --servers="$1" index.html
}

memcached_load() {
    client memcslap --servers="$1" --concurrency=2 --execute-number=8 --test=set
    client memcslap --servers="$1" --concurrency=2 --execute-number=8 --test=get \
        --initial-load=8
}

mqtt_publish() {
    local qos
    for qos in 0 1 2; do
        client mosquitto_pub -h "$1" -i "sensor-$qos" -t "house/room$qos/temperature" \
            -m "21.$qos" -q "$qos"
    done
    client mosquitto_pub -h "$1" -i camera -V mqttv5 -t house/photo -r -f "$work/files/icon.png"
}

mqtt_session() {
    local subscriber
    client mosquitto_sub -h "$1" -i display -t 'house/#' -T house/photo -q 1 -C 10 &
    subscriber=$!
    sleep 0.5
    seq --format='21.%g' 1 10 |
        client mosquitto_pub -h "$1" -i thermometer -t house/kitchen -q 1 -l
    wait "$subscriber"
}

ntp_sync() {
    client chronyd -Q -t 20 "server $1 iburst" "pidfile $work/home/chronyd.pid"
}

ntp_query() {
    for _ in {1..5}; do
        client ntpdig "$1"
    done
}

postgresql_queries() {
    client psql --quiet --host="$1" --username=shop postgres <<-END
		CREATE TEMPORARY TABLE goods (id serial PRIMARY KEY, name text, price numeric);
		INSERT INTO goods (name, price) SELECT 'item ' || n, n * 1.5 FROM generate_series(1, 50) n;
		SELECT * FROM goods WHERE price < 20 ORDER BY name;
		COPY goods TO STDOUT;
		SELECT * FROM nothing;
		BEGIN;
		UPDATE goods SET price = price * 2;
		ROLLBACK;
	END
}

postgresql_bench() {
    client pgbench --initialize --init-steps=dtGp --host="$1" --username=shop postgres
    client pgbench --client=2 --transactions=10 --no-vacuum --host="$1" --username=shop postgres
}

# One connection a command: in one session redis-cli would first load 190 KB of help.
redis_commands() {
    client xargs --max-lines=1 redis-cli -h "$1" <<-END
		SET greeting "hello, world"
		GET greeting
		RPUSH queue one two three
		LRANGE queue 0 -1
		HSET user:1 name Alice city Example
		HGETALL user:1
		INCR greeting
		EXPIRE greeting 60
	END
    client redis-cli -h "$1" -x SET picture <"$work/files/icon.png"
}

redis_bench() {
    client redis-benchmark -h "$1" -n 60 -c 3 -P 2 -d 50 -q -t set,get,lpush
}

smtp_message() {
    client swaks "-${1//[^46]/}" --server "$1" --helo client.example --from alice@client.example \
        --to bob@mail.example,carol@mail.example --h-Subject 'Lunch?' --h-X-Mailer swaks \
        --body 'At noon.'
}

smtp_batch() {
    client curl -sS --mail-from alice@client.example --mail-rcpt bob@mail.example \
        --upload-file "$work/files/mail.txt" "smtp://$1/client.example" \
        --upload-file "$work/files/readings.csv" "smtp://$1/client.example"
    client curl -sS --mail-from alice@client.example --mail-rcpt carol@mail.example \
        --form '=See the picture.' --form "file=@$work/files/icon.png;encoder=base64" \
        "smtp://$1/client.example"
}

snmp_agent() { # HOST
    if [[ $1 == server6.* ]]; then
        echo "udp6:$1"
    else
        echo "udp:$1"
    fi
}

snmp_walk() {
    local agent
    agent=$(snmp_agent "$1")
    client snmpwalk -v 2c -c public "$agent" .1.3.6.1.2.1.1
    client snmpbulkget -v 2c -c public -Cr12 "$agent" .1.3.6.1.2.1.2.2.1
    client snmpget -v 1 -c public "$agent" .1.3.6.1.2.1.1.1.0 .1.3.6.1.2.1.1.5.0
}

snmp_v3() {
    client snmpwalk -v 3 -u alice -l authPriv -a SHA -A correct-horse -x AES -X battery-staple \
        "$(snmp_agent "$1")" .1.3.6.1.2.1.1
}

ssh_options() {
    printf '%s\n' -F none -i "$work/ssh_user_key" -o BatchMode=yes -o LogLevel=ERROR \
        -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null
}

ssh_commands() {
    local options
    mapfile -t options < <(ssh_options)
    client ssh "${options[@]}" "root@$1" 'echo hello; seq 1 500'
    printf '%s\n' 'cd /' 'ls' 'sleep 0.3' 'seq 1 100' | client ssh "${options[@]}" "root@$1" sh
}

ssh_copy() {
    local options
    mapfile -t options < <(ssh_options)
    client scp "${options[@]}" "$work/files/readings.csv" "root@$1:$work/home/from-$1"
    client scp "${options[@]}" "root@$1:$work/files/photo.jpg" "$work/home/to-$1"
}

syslog_messages() { # HOST LOGGER-OPTION...
    local number
    for number in 1 2 3 4; do
        client logger --server "$@" --rfc5424 --tag shop --priority "local0.$number" \
            "Order $number was paid"
    done
    seq --format='Batch job: step %g done' 1 20 |
        client logger --server "$@" --rfc3164 --tag batch --priority cron.info
}

syslog_udp() { syslog_messages "$1" --udp --port 514; }
syslog_tcp() { syslog_messages "$1" --tcp --port 601 --octet-count; }

tftp_get() {
    client tftp -m binary "$1" -c get photo.jpg
    client tftp -m ascii "$1" -c get readings.csv
    client tftp -m binary "$1" -c get missing.bin
}

tftp_put() {
    client tftp -m binary "$1" -c put "$work/files/icon.png" "$1.png"
    client curl -sS --tftp-blksize 1024 --upload-file "$work/files/readings.csv" "tftp://$1/$1.csv"
}
