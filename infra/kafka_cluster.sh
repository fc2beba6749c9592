#!/usr/bin/env bash
# Three Apache Kafka brokers on this machine, for development and tests: what one of them has, two others have too.
#
#   infra/kafka_cluster.sh start PORT PORT PORT DATA_DIR   start, wait until all answer, print their addresses
#   infra/kafka_cluster.sh start DATA_DIR                  start again those that do not run
#   infra/kafka_cluster.sh stop DATA_DIR                   stop all; their data stay
#
# DATA_DIR/1, /2 and /3 are the brokers' own folders; `pid` in each is the number of its process.
# Every topic has three copies, and an event is acknowledged once two have it.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
. "$root/infra/kafka/node.sh"

usage() {
  fail "usage: $0 start [PORT PORT PORT] DATA_DIR | stop DATA_DIR"
}

prepare() { # DATA_DIR PORT PORT PORT: settings of three brokers that vote about which of them leads
  local data="$1" node voters=""
  shift
  for node in 1 2 3; do
    voters+="${voters:+,}$node@$(controller_of "${!node}")"
  done
  for node in 1 2 3; do
    mkdir -p "$data/$node"
    answers "${!node}" && fail "Port ${!node} is taken."
    write_settings "$data/$node" "$node" "${!node}" "$voters" 3 2
  done
}

port_of() { # DATA_DIR of a broker
  sed -n 's/^advertised.listeners=.*:\([0-9]*\)$/\1/p' "$1/server.properties"
}

start() { # DATA_DIR
  local node addresses=""
  for node in 1 2 3; do
    is_running "$1/$node" || launch "$1/$node" 256m
  done
  for node in 1 2 3; do
    await "$(port_of "$1/$node")" "$1/$node"
    addresses+="${addresses:+,}127.0.0.1:$(port_of "$1/$node")"
  done
  echo "$addresses"
}

stop_all() { # DATA_DIR: together, or the last one would wait for a majority to take its leave of
  local node
  for node in 1 2 3; do
    stop "$1/$node" &
  done
  wait
}

first_start() { # PORT PORT PORT DATA_DIR
  local data
  mkdir -p "$4"
  data="$(cd "$4" && pwd)"
  [ -f "$data/1/server.properties" ] && fail "$data holds brokers already: start them with $0 start $data"
  install_missing
  fetch_jars
  prepare "$data" "$1" "$2" "$3"
  start "$data"
}

case "$# ${1:-}" in
  "5 start") first_start "$2" "$3" "$4" "$5" ;;
  "2 start") [ -f "$2/3/server.properties" ] || usage; start "$(cd "$2" && pwd)" ;;
  "2 stop") stop_all "$2" ;;
  *) usage ;;
esac
