# One Kafka broker as a process of this machine. Sourced by kafka_broker.sh and kafka_cluster.sh, which set `root`.
# A broker's folder keeps everything: its settings, its log, the number of its process.

libs="$root/.tools/kafka/libs"
cluster="Y2xvc2VkLWxvb3AtbG9jYQ"
wait_seconds=60

fail() {
  echo "$*" >&2
  exit 1
}

install_missing() { # one process at a time
  local packages=()
  exec 8>"${TMPDIR:-/tmp}/closedloop-installing.lock"
  flock 8
  command -v java >/dev/null || packages+=(openjdk-17-jre-headless)
  [ -f "$libs/.complete" ] || command -v mvn >/dev/null || packages+=(maven)
  if [ ${#packages[@]} -eq 0 ]; then
    exec 8>&-
    return
  fi
  [ "$(id -u)" -eq 0 ] || fail "Install ${packages[*]} first: the Kafka broker needs them."
  {
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${packages[@]}"
  } >&2
  exec 8>&-
}

fetch_jars() { # once, with Maven, into .tools/kafka/libs
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

controller_of() { # PORT of a broker: where its controller listens, at an address of this machine that no broker has
  echo "127.0.0.2:$(($1 + 1))" # Kafka wants two ports, whatever the addresses are
}

write_settings() { # DATA_DIR NODE PORT VOTERS COPIES NEEDED
  cat >"$1/server.properties" <<SETTINGS
process.roles=broker,controller
node.id=$2
controller.quorum.voters=$4
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$3,CONTROLLER://$(controller_of "$3")
advertised.listeners=PLAINTEXT://127.0.0.1:$3
log.dirs=$1/log
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=$5
min.insync.replicas=$6
offsets.topic.replication.factor=$5
offsets.topic.num.partitions=1
offsets.retention.minutes=525600
transaction.state.log.replication.factor=$5
transaction.state.log.min.isr=$6
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=$5
share.coordinator.state.topic.min.isr=$6
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=1
log.cleaner.dedupe.buffer.size=8388608
SETTINGS
}

become_java() { # MOST_MEMORY CLASS ARGUMENT...
  local memory="$1"
  shift
  exec java -Xms64m -Xmx"$memory" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Djava.awt.headless=true \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$libs/*" "$@"
}

is_running() { # DATA_DIR: is the process of the pid file a broker? (A number may belong to another program by now.)
  [ -f "$1/pid" ] && grep -qs kafka "/proc/$(cat "$1/pid")/cmdline"
}

answers() { # PORT
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

launch() { # DATA_DIR MOST_MEMORY: start a broker whose settings are written, without waiting for it
  local data="$1" memory="$2"
  if [ ! -f "$data/log/meta.properties" ]; then
    (become_java "$memory" kafka.tools.StorageTool format --cluster-id "$cluster" --config "$data/server.properties") \
      >"$data/format.out" 2>&1 || fail "$(cat "$data/format.out")"
  fi
  (
    trap '' HUP INT # it outlives the terminal it was started from
    become_java "$memory" kafka.Kafka "$data/server.properties"
  ) >>"$data/broker.out" 2>&1 </dev/null &
  echo $! >"$data/pid"
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
