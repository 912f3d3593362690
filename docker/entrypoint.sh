#!/bin/sh
# Says early what would otherwise end in a traceback; then the command takes this process's place, so that a signal
# reaches it and its exit status is the container's.
set -eu
if [ "${1-}" = serve ]; then
  echo "this image trains; the service has one of its own: make docker-service builds receipt-ocr:service" >&2
  exit 2
fi
if [ ! -w outputs ]; then
  echo "/app/outputs cannot be written by user $(id -u):$(id -g), it belongs to $(stat -c %u:%g outputs): run with" \
    "--user $(stat -c %u:%g outputs), build with UID= and GID= of its owner, or chown it" >&2
  exit 1
fi
exec "$@"
