#!/usr/bin/env bash
# PostgreSQL clusters on loopback, for tests and for trying out: one server, or a primary with a synchronous standby.
# What it makes stands in one folder and goes with it. For real use see docs/postgres.md.
#
#   cluster.sh single  DIR PORT          one server, with a database and a role `loket`
#   cluster.sh pair    DIR PORT PORT     a primary and its synchronous standby
#   cluster.sh kill    DIR NAME          kill -9 the server NAME (`one`, `two`), as a machine that breaks
#   cluster.sh freeze  DIR NAME          the server goes silent without ending; `thaw` lets it go on
#   cluster.sh promote DIR               the standby takes over and goes on alone
#   cluster.sh start   DIR NAME          start a server that stands still
#   cluster.sh stop    DIR               end everything; `remove` deletes the folder, too
set -euo pipefail

fail() { echo "cluster.sh: $*" >&2; exit 1; }

# The folder with initdb: the newest that Debian has, or the one in PATH.
tools() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
    [ -n "$found" ] && [ -x "$found/initdb" ] && { echo "$found"; return; }
    found=$(command -v initdb || true)
    [ -n "$found" ] || fail "PostgreSQL is not installed; on Debian: apt-get install postgresql"
    dirname "$found"
}

# PostgreSQL refuses to run as root, so root hands the work to the user that Debian makes for it.
as() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid="$user" --regid="$(id -gn "$user")" --init-groups env -C / HOME=/ PATH="$PATH" "$@"
    else
        "$@"
    fi
}

user=${LOKET_POSTGRES_USER:-postgres}
bin=$(tools)
command=${1:-}
[ -n "${2:-}" ] || { sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2; }
dir=$2

begin() {
    [ -e "$dir/one" ] && fail "$dir holds a cluster already"
    mkdir -p "$dir/run"
    chmod 755 "$dir"
    if [ "$(id -u)" = 0 ]; then chown "$user" "$dir" "$dir/run"; fi
}

# How a server is set up. `fsync` stays on: the log's promise rests on it.
settings() {
    cat <<END
listen_addresses = '127.0.0.1'
port = $2
cluster_name = '$1'
unix_socket_directories = '$dir/run'
shared_buffers = 32MB
max_connections = 60
max_wal_senders = 4
wal_level = replica
hot_standby = on
synchronous_commit = on
logging_collector = off
END
}

primary() {
    as "$bin/initdb" --pgdata "$dir/one" --username postgres --auth trust --encoding UTF8 --locale C.UTF-8 \
        --no-sync >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; fail "initdb failed"; }
    settings one "$1" | as tee -a "$dir/one/postgresql.conf" >/dev/null
    echo "$1" >"$dir/one.port"
    start one
    sql "$1" postgres "CREATE ROLE loket LOGIN" "CREATE DATABASE loket OWNER loket"
}

start() {
    as "$bin/pg_ctl" --pgdata "$dir/$1" --log "$dir/run/$1.log" --wait --timeout 30 start >/dev/null \
        || { tail -n 20 "$dir/run/$1.log" >&2; fail "$1 did not start"; }
}

sql() {
    local port=$1 database=$2 statement; shift 2
    for statement in "$@"; do
        as "$bin/psql" --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 \
            --host 127.0.0.1 --port "$port" --username postgres --dbname "$database" --command "$statement"
    done
}

# The standby copies the primary, and the primary waits for it at every commit. Once promoted it waits for nobody.
standby() {
    local from=$1 port=$2
    as "$bin/pg_basebackup" --pgdata "$dir/two" --host 127.0.0.1 --port "$from" --username postgres \
        --wal-method stream --checkpoint fast --no-sync >/dev/null
    settings two "$port" | as tee -a "$dir/two/postgresql.conf" >/dev/null
    as tee -a "$dir/two/postgresql.conf" >/dev/null <<END
primary_conninfo = 'host=127.0.0.1 port=$from user=postgres application_name=two'
END
    as touch "$dir/two/standby.signal"
    echo "$port" >"$dir/two.port"
    start two
    sql "$from" postgres "ALTER SYSTEM SET synchronous_standby_names = 'two'" "SELECT pg_reload_conf()" >/dev/null
    for _ in $(seq 100); do
        [ "$(sql "$from" postgres "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")" = 1 ] && return
        sleep 0.1
    done
    fail "the standby did not become synchronous"
}

processes() { # the server NAME and all its children
    local main; main=$(head -n 1 "$dir/$1/postmaster.pid")
    echo "$main" "$(ps -o pid= --ppid "$main" | tr '\n' ' ')"
}

case $command in
    single) begin; primary "$3"; echo "postgres://loket@127.0.0.1:$3/loket" ;;
    pair) begin; primary "$3"; standby "$3" "$4"; echo "postgres://loket@127.0.0.1:$3,127.0.0.1:$4/loket" ;;
    # Its lock files go with it: in a container nobody may have taken note yet that the process has ended.
    kill) kill -9 $(processes "$3") 2>/dev/null || true; 
        rm -f "$dir/$3/postmaster.pid" "$dir/run/.s.PGSQL.$(cat "$dir/$3.port")"* ;;
    freeze) kill -STOP $(processes "$3") ;;
    thaw) kill -CONT $(processes "$3") ;;
    promote) as "$bin/pg_ctl" --pgdata "$dir/two" --wait --timeout 30 promote >/dev/null ;;
    start) start "$3" ;;
    stop | remove)
        for name in one two; do
            [ -f "$dir/$name/postmaster.pid" ] || continue
            kill -CONT $(processes "$name") 2>/dev/null || true
            as "$bin/pg_ctl" --pgdata "$dir/$name" --mode immediate --wait --timeout 30 stop >/dev/null 2>&1 || true
        done
        if [ "$command" = remove ]; then rm -rf "$dir"; fi
        ;;
    *) fail "no such command: $command" ;;
esac
