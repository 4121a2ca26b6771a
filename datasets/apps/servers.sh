# shellcheck shell=bash
# The servers of make_captures.sh, which reads this file: each runs in the foreground of the server
# namespace, with a configuration of its own under $work.
# shellcheck disable=SC2154 # work is set by make_captures.sh

start() { # NAME COMMAND...
    server "${@:2}" >"$work/log/$1" 2>&1 &
}

start_dns() {
    local record records=()
    for record in www mail ftp shop; do
        records+=(--host-record="$record.example,192.0.2.80,2001:db8::80")
    done
    for record in 1 2 3 4 5 6 7 8; do
        records+=(--txt-record="large.example,$(printf "$record%.0s" {1..240})")
    done
    start dnsmasq dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root \
        --no-resolv --no-hosts --local=/example/ --local-ttl=300 "${records[@]}" \
        --cname=web.example,www.example --mx-host=example,mail.example,10 \
        --txt-record=example,"v=spf1 mx -all" \
        --srv-host=_imap._tcp.example,mail.example,143
}

start_ftp() {
    mkdir -p "$work/ftp/incoming" "$work/empty"
    cp "$work"/files/* "$work/ftp"
    chown ftp "$work/ftp/incoming"
    cat >"$work/vsftpd.conf" <<-END
		listen=NO
		listen_ipv6=YES
		background=NO
		anonymous_enable=YES
		anon_root=$work/ftp
		write_enable=YES
		anon_upload_enable=YES
		secure_chroot_dir=$work/empty
		seccomp_sandbox=NO
		xferlog_enable=NO
	END
    start vsftpd vsftpd "$work/vsftpd.conf"
}

start_http() {
    cat >"$work/nginx.conf" <<-END
		daemon off;
		pid $work/nginx.pid;
		events {}
		http {
		    types { text/html html; text/css css; image/png png; image/jpeg jpg; }
		    access_log off;
		    client_body_temp_path $work/upload;
		    client_max_body_size 1m;
		    gzip on;
		    if_modified_since before;
		    server_tokens off;
		    ssl_certificate $work/tls.crt;
		    ssl_certificate_key $work/tls.key;
		    server {
		        listen 80;
		        listen [::]:80;
		        listen 443 ssl http2;
		        listen [::]:443 ssl http2;
		        root $work/files;
		        location /upload { return 204; }
		    }
		}
	END
    start nginx nginx -e stderr -c "$work/nginx.conf"
}

start_imap() {
    mkdir -p "$work/mail"
    chown mail:mail "$work/mail"
    cat >"$work/dovecot.conf" <<-END
		protocols = imap
		listen = *, ::
		base_dir = $work/dovecot
		state_dir = $work/dovecot
		log_path = /dev/stderr
		ssl = no
		disable_plaintext_auth = no
		first_valid_uid = 1
		mail_location = maildir:$work/mail
		passdb {
		    driver = static
		    args = password=correct-horse
		}
		userdb {
		    driver = static
		    args = uid=mail gid=mail home=$work/mail allow_all_users=yes
		}
	END
    start dovecot dovecot -F -c "$work/dovecot.conf"
}

start_mqtt() {
    printf 'listener 1883\nallow_anonymous true\nuser root\n' >"$work/mosquitto.conf"
    start mosquitto mosquitto -c "$work/mosquitto.conf"
}

start_ntp() {
    cat >"$work/chrony.conf" <<-END
		local stratum 8
		allow all
		cmdport 0
		bindcmdaddress /
		pidfile $work/chronyd.pid
	END
    start chronyd chronyd -x -d -u root -f "$work/chrony.conf"
}

start_postgresql() {
    local programs
    programs=$(dirname "$(find /usr/lib/postgresql -name initdb | sort --version-sort | tail -n 1)")
    postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    install --directory --owner=postgres "$work/postgresql"
    echo correct-horse >"$work/password"
    server "${postgres[@]}" "$programs/initdb" --pgdata="$work/postgresql/data" --username=shop \
        --pwfile="$work/password" --auth-host=scram-sha-256 --no-sync >"$work/log/initdb"
    echo "host all all all scram-sha-256" >>"$work/postgresql/data/pg_hba.conf"
    printf '*:*:*:*:correct-horse\n' >"$work/home/.pgpass"
    chmod 600 "$work/home/.pgpass"
    start postgresql "${postgres[@]}" "$programs/postgres" -D "$work/postgresql/data" \
        -h '*' -k "$work/postgresql" -c timezone=UTC
}

start_smtp() {
    mkdir -p "$work/exim"
    chown Debian-exim: "$work/exim"
    cat >"$work/exim.conf" <<-END
		primary_hostname = mail.example
		daemon_smtp_ports = 25
		spool_directory = $work/exim
		log_file_path = $work/exim/%slog
		host_lookup =
		rfc1413_query_timeout = 0s
		tls_advertise_hosts =
		queue_only
		acl_smtp_rcpt = accept_all
		begin acl
		accept_all:
		    accept
	END
    start exim exim4 -bdf -C "$work/exim.conf" -oP "$work/exim/pid"
}

start_snmp() {
    cat >"$work/snmpd.conf" <<-END
		agentAddress udp:161,udp6:161
		sysName server.example
		sysDescr Documentation server
		sysObjectID 1.3.6.1.4.1.32473.1
		sysLocation Rack 7
		sysContact admin@server.example
		view public included .1.3.6.1.2.1.1
		view public included .1.3.6.1.2.1.2.2.1
		rocommunity public default -V public
		rocommunity6 public default -V public
		createUser alice SHA correct-horse AES battery-staple
		rouser alice priv -V public
	END
    start snmpd env SNMP_PERSISTENT_DIR="$work/snmp" snmpd -f -Lo -C -c "$work/snmpd.conf"
}

start_ssh() {
    mkdir -p /run/sshd
    cp "$work/ssh_user_key.pub" "$work/authorized_keys"
    cat >"$work/sshd_config" <<-END
		HostKey $work/ssh_host_key
		AuthorizedKeysFile $work/authorized_keys
		PidFile none
		PermitRootLogin prohibit-password
		StrictModes no
		UsePAM yes
		PrintMotd no
		Subsystem sftp internal-sftp
	END
    start sshd /usr/sbin/sshd -D -e -f "$work/sshd_config"
}

start_syslog() {
    cat >"$work/rsyslog.conf" <<-END
		module(load="imudp")
		module(load="imtcp")
		input(type="imudp" port="514")
		input(type="imtcp" port="601")
		*.* action(type="omfile" file="$work/log/messages")
	END
    start rsyslogd rsyslogd -n -i "$work/rsyslogd.pid" -f "$work/rsyslog.conf"
}

start_tftp() {
    mkdir -p "$work/tftp"
    cp "$work"/files/* "$work/tftp"
    chown -R tftp "$work/tftp"
    start tftpd in.tftpd --foreground --address '[::]:69' --secure --create --user tftp "$work/tftp"
}

start_servers() {
    start_dns
    start_ftp
    start_http
    start_imap
    start memcached memcached -u nobody -l 0.0.0.0,:: -U 0
    start_mqtt
    start_ntp
    start_postgresql
    start redis redis-server --bind '*' '-::*' --protected-mode no --save '' --dir "$work/home"
    start_smtp
    start_snmp
    start_ssh
    start_syslog
    start_tftp
    wait_for_servers
}

wait_for_servers() {
    local wanted missing
    wanted=$(printf '%s\n' tcp:{21,22,25,53,80,143,443,601,1883,5432,6379,11211} \
        udp:{53,69,123,161,514} | sort)
    for _ in {1..100}; do
        missing=$(comm -23 <(echo "$wanted") <(listening_ports))
        if [[ -z $missing ]]; then
            return
        fi
        sleep 0.1
    done
    fail "nothing listens on ${missing//$'\n'/ }"
}

listening_ports() {
    ip netns exec "$server_namespace" ss --listening --no-header --tcp --udp --numeric |
        awk '{ sub(/.*:/, "", $5); print $1 ":" $5 }' | sort --unique
}
