#!/bin/sh
# Run the connector for development in Docker, on this machine only.
#   ./run_dev.sh            start; the image is built the first time
#   ./run_dev.sh --build    build the image again first (needed after a change of requirements.txt)
set -eu
cd "$(dirname "$0")"

stop() {
    printf '%s\n' "$@" >&2
    exit 1
}

without_docker="Without Docker:
  python3 -m venv .venv
  .venv/bin/pip install -r requirements.txt
  .venv/bin/python main.py"

case "${1:-}" in
"" | --build) ;;
*) stop "run_dev.sh: unknown option '$1'. Usage: ./run_dev.sh [--build]" ;;
esac
command -v docker >/dev/null 2>&1 ||
    stop "run_dev.sh: docker was not found. Install it from https://docs.docker.com/get-docker/" "$without_docker"
docker compose version >/dev/null 2>&1 ||
    stop "run_dev.sh: this docker has no 'docker compose'. See https://docs.docker.com/compose/install/" "$without_docker"

# Projects written for stacksync-cdk have the second.
config=app_config.yaml
[ -f "$config" ] || config=stacksync.yml
# port_of SECTION: the port that a section of the configuration names.
port_of() {
    sed -n "/^$1:/,/^[a-z]/s/^ *port: *[\"']\{0,1\}\([0-9]\{1,\}\).*/\1/p" "$config"
}

# The port of the configuration, unless PORT is set.
configured=$(port_of local_development_settings)
configured=${configured:-$(port_of app_settings)}
PORT=${PORT:-${configured:-2003}}
# Files that tools write from inside the container belong to the developer, not to root.
DEV_USER=${DEV_USER:-$(id -u):$(id -g)}
export PORT DEV_USER

echo "The connector will be at http://localhost:$PORT (Ctrl-C stops it)"
exec docker compose -f config/compose.yaml up "$@" connector
