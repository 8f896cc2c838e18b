#!/bin/sh
# Makes one folder of what the pods of components/records keep in folders of their own, as ingest-feedback, drift and the
# policy of retraining read it. Changes nothing on the volume; what is written meanwhile is left for the next time.
#   sh infra/kubernetes/gather.sh VOLUME FOLDER       FOLDER/feedback and FOLDER/predictions; FOLDER must be new or empty
set -eu
volume=${1:?usage: gather.sh VOLUME FOLDER}
to=${2:?usage: gather.sh VOLUME FOLDER}
if [ -d "$to" ] && [ -n "$(ls -A "$to")" ]; then
  echo "$to is not empty" >&2
  exit 2
fi
mkdir -p "$to/feedback" "$to/predictions"
tab=$(printf '\t')

# Two pods give their segments the same names, so they are numbered again.
for segment in "$volume"/*/predictions/*/*.jsonl; do
  [ -f "$segment" ] || continue
  folder=$to/predictions/$(basename "$(dirname "$segment")")
  day=$(basename "${segment%-*}")
  number=1
  while [ -e "$folder/$day-$number.jsonl" ]; do number=$((number + 1)); done
  mkdir -p "$folder"
  cp -p "$segment" "$folder/$day-$number.jsonl"
done

# The lines of a day in the order in which they came, whichever pod had them: of several labels for one thing the last counts.
for journal in "$volume"/*/feedback/*/*.jsonl; do
  [ -f "$journal" ] || continue
  model=$(basename "$(dirname "$journal")")
  day=$(basename "$journal")
  if [ -e "$to/feedback/$model/$day" ]; then continue; fi
  mkdir -p "$to/feedback/$model"
  sed -E 's/^\{"accepted":(true|false),"at":"([^"]*)"/\2'"$tab"'&/' "$volume"/*/feedback/"$model/$day" |
    LC_ALL=C sort -s -t "$tab" -k 1,1 | cut -f 2- >"$to/feedback/$model/$day"
done

# Photos are named by their content. One that was labelled differently at two pods is there with both labels.
for label in "$volume"/*/feedback/*/*/; do
  [ -d "$label" ] || continue
  folder=$to/feedback/$(basename "$(dirname "$label")")
  mkdir -p "$folder"
  cp -Rp "${label%/}" "$folder/"
done
