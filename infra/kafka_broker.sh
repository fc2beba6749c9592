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
. "$root/infra/kafka/node.sh"

usage() {
  fail "usage: $0 start PORT DATA_DIR | stop DATA_DIR"
}

start() { # PORT DATA_DIR
  local port="$1" data
  mkdir -p "$2"
  data="$(cd "$2" && pwd)"
  is_running "$data" && fail "A broker already runs on $data (process $(cat "$data/pid"))."
  answers "$port" && fail "Port $port is taken."
  install_missing
  fetch_jars
  write_settings "$data" 1 "$port" "1@$(controller_of "$port")" 1 1
  launch "$data" 512m
  await "$port" "$data"
  echo "127.0.0.1:$port"
}

case "${1:-}" in
  start) [ $# -eq 3 ] || usage; start "$2" "$3" ;;
  stop) [ $# -eq 2 ] || usage; stop "$2" ;;
  *) usage ;;
esac
