#!/bin/sh
# What CI runs besides the tests; it needs git and pipx:
#   config/ci.sh check --format github   `stacksync check`, in the release that this connector was made with or updated to
#   config/ci.sh diff --against REF      `stacksync diff`, in the same
#   config/ci.sh upkeep                  reports newer releases of the template and newer versions for requirements.lock
# Exit status of upkeep: 0 nothing is newer, 2 something is, any other: it could not find out.
set -eu
cd "$(dirname "$0")/.."

answer() {
    sed -n "s/^$1: *//p" .copier-answers.yml | tr -d "\"'"
}

command_of_release() {
    template=$(answer _src_path)
    case "$template" in
    https://* | ssh://*) address=$template ;;
    git+*) address=${template#git+} ;;
    gh:*) address=https://github.com/${template#gh:}.git ;;
    gl:*) address=https://gitlab.com/${template#gl:}.git ;;
    git@*:*) address=ssh://$(echo "$template" | sed 's/:/\//') ;;
    *)
        echo "stacksync $1 was not run: the template is known only at '$template', which is no address." >&2
        exit 0
        ;;
    esac

    exec pipx run --spec "git+$address@$(answer _commit)" stacksync "$@"
}

upkeep() {
    newer=0
    case "$(answer _src_path)" in
    [A-Za-z]:[/\\]*) address=false ;; # a folder on Windows
    *:*) address=true ;;
    *) address=false ;;
    esac
    if $address; then
        status=0
        pipx run copier check-update --quiet >/dev/null || status=$?
        case $status in
        0) ;;
        2)
            echo "The template has a newer release. To take it, see documentation/upgrading.md"
            newer=2
            ;;
        *) exit "$status" ;;
        esac
    else
        echo "The template was not asked for a newer release: .copier-answers.yml has no address of it." >&2
    fi

    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    cp requirements.lock "$folder"
    pipx run uv pip compile --quiet --universal --generate-hashes --python-version 3.10 --no-python-downloads --upgrade \
        requirements.txt -o "$folder/requirements.lock"
    if [ "$(grep -v '^#' requirements.lock)" != "$(grep -v '^#' "$folder/requirements.lock")" ]; then
        echo "Packages of requirements.lock have newer versions. To take them, see documentation/production.md, The lock"
        newer=2
    fi

    exit $newer
}

case "${1:-}" in
check | diff) command_of_release "$@" ;;
upkeep) upkeep ;;
*)
    echo "Usage: config/ci.sh check [OPTIONS] | config/ci.sh diff --against REF | config/ci.sh upkeep" >&2
    exit 1
    ;;
esac
