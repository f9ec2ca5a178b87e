#!/bin/sh
# Start the connector under gunicorn, in a container or out of one. Arguments go to gunicorn, for instance --reload.
set -eu
cd "$(dirname "$0")/.."

exec gunicorn "$@" main:app
