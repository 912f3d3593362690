#!/bin/sh
# The default data set, made in the data volume where that is empty, then a training with the given overrides.
set -eu
# A volume is mounted before there is anything in it; a hidden folder is what a killed generation left.
if [ -z "$(find data -mindepth 1 -maxdepth 1 ! -name '.*.tmp')" ]; then
  if [ ! -w data ]; then
    echo "/app/data is empty and cannot be written by user $(id -u):$(id -g), it belongs to $(stat -c %u:%g data)" >&2
    exit 1
  fi
  python runners/synthesize.py output=data
fi
python runners/data.py
exec python runners/train.py "$@"
