#!/bin/sh
# Keeps the server of FOLDER/current running, and starts the new one whenever the link is switched. It needs no rights
# but to read the folder, and whoever deploys needs none but to write it.
#   sh infra/process/supervise.sh FOLDER       settings of the server (HOST, PORT, …) come from the environment
set -u
folder=${1:?usage: supervise.sh FOLDER}
# Keys outlive the release that they were made under, and so do corrections and kept answers.
export MAINSTEM_KEYS="${MAINSTEM_KEYS:-$folder/keys.json}"
export MAINSTEM_FEEDBACK_FOLDER="${MAINSTEM_FEEDBACK_FOLDER:-$folder/feedback}"
export MAINSTEM_PREDICTION_FOLDER="${MAINSTEM_PREDICTION_FOLDER:-$folder/predictions}"
# What a model that is unloaded leaves goes back to the system (docs/serving-traffic.md).
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-131072}"
release=
server=

start() {
  release=$(readlink "$folder/current") || return 0
  home=$folder/$release
  "$home/.node/node" --max-semi-space-size=2 --heap-growing-percent=200 "$home/serving/server.ts" --root "$home" &
  server=$!
}

stop() {
  [ -n "$server" ] || return 0
  kill -TERM "$server" 2>/dev/null
  wait "$server"
  server=
}

# In the background, so that a signal is handled at once.
pause() {
  sleep "$1" &
  wait $!
}

trap 'stop; exit 0' TERM INT
while :; do
  if [ "$(readlink "$folder/current")" != "$release" ]; then stop; fi
  if [ -n "$server" ] && ! kill -0 "$server" 2>/dev/null; then
    server=
    pause 1
  fi
  [ -n "$server" ] || start
  pause 0.2
done
