#!/usr/bin/env bash
# One Apache Kafka broker on this machine, for development and tests.
#
#   infra/kafka_broker.sh start PORT DATA_DIR   start in the background, wait until it answers, print its address
#   infra/kafka_broker.sh stop DATA_DIR         stop it; its data stays
#
# DATA_DIR keeps everything, so a broker that was killed goes on with the same data when it is started again.
# The broker's jars are fetched once, with Maven, into .tools/kafka/libs.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
libs="$root/.tools/kafka/libs"
cluster="Y2xvc2VkLWxvb3AtbG9jYQ"
wait_seconds=60

fail() {
  echo "$*" >&2
  exit 1
}

usage() {
  fail "usage: $0 start PORT DATA_DIR | stop DATA_DIR"
}

install_missing() {
  local packages=()
  command -v java >/dev/null || packages+=(openjdk-17-jre-headless)
  [ -f "$libs/.complete" ] || command -v mvn >/dev/null || packages+=(maven)
  [ ${#packages[@]} -eq 0 ] && return
  [ "$(id -u)" -eq 0 ] || fail "Install ${packages[*]} first: the Kafka broker needs them."
  {
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${packages[@]}"
  } >&2
}

fetch_jars() {
  mkdir -p "$libs"
  exec 9>"$libs/.lock"
  flock 9
  if [ ! -f "$libs/.complete" ]; then
    mvn --batch-mode --quiet --file "$root/infra/kafka/pom.xml" dependency:copy-dependencies \
      -DoutputDirectory="$libs" >&2 || fail "The Kafka broker's jars could not be fetched with Maven."
    touch "$libs/.complete"
  fi
  exec 9>&-
}

write_settings() { # PORT CONTROLLER_PORT DATA_DIR
  cat >"$3/server.properties" <<SETTINGS
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$2
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$2
advertised.listeners=PLAINTEXT://127.0.0.1:$1
log.dirs=$3/log
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=1
log.cleaner.dedupe.buffer.size=8388608
SETTINGS
}

become_java() { # CLASS ARGUMENT...
  exec java -Xms128m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Djava.awt.headless=true \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$libs/*" "$@"
}

is_running() { # DATA_DIR: is the process of the pid file a broker? (A number may belong to another program by now.)
  [ -f "$1/pid" ] && grep -qs kafka "/proc/$(cat "$1/pid")/cmdline"
}

answers() { # PORT
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

free_port() { # a port that nobody listens on, above PORT
  local port=$(($1 + 1))
  while answers "$port"; do port=$((port + 1)); done
  echo "$port"
}

start() { # PORT DATA_DIR
  local port="$1" data
  mkdir -p "$2"
  data="$(cd "$2" && pwd)"
  is_running "$data" && fail "A broker already runs on $data (process $(cat "$data/pid"))."
  answers "$port" && fail "Port $port is taken."
  install_missing
  fetch_jars
  write_settings "$port" "$(free_port "$port")" "$data"
  if [ ! -f "$data/log/meta.properties" ]; then
    (become_java kafka.tools.StorageTool format --cluster-id "$cluster" --config "$data/server.properties") \
      >"$data/format.out" 2>&1 || fail "$(cat "$data/format.out")"
  fi
  (
    trap '' HUP INT # it outlives the terminal it was started from
    become_java kafka.Kafka "$data/server.properties"
  ) >>"$data/broker.out" 2>&1 </dev/null &
  echo $! >"$data/pid"
  await "$port" "$data"
  echo "127.0.0.1:$port"
}

await() { # PORT DATA_DIR
  local tries=$((wait_seconds * 10))
  until answers "$1"; do
    is_running "$2" || fail "The broker ended: $(tail -n 20 "$2/broker.out")"
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "The broker does not answer: $(tail -n 20 "$2/broker.out")"
    sleep 0.1
  done
}

stop() { # DATA_DIR
  is_running "$1" || return 0
  local pid tries=150
  pid="$(cat "$1/pid")"
  kill "$pid"
  while is_running "$1" && [ "$tries" -gt 0 ]; do
    tries=$((tries - 1))
    sleep 0.1
  done
  is_running "$1" && kill -9 "$pid"
  rm -f "$1/pid"
}

case "${1:-}" in
  start) [ $# -eq 3 ] || usage; start "$2" "$3" ;;
  stop) [ $# -eq 2 ] || usage; stop "$2" ;;
  *) usage ;;
esac
