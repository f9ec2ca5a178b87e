#!/bin/sh
# Say what is newer than this connector: a release of its template, versions for requirements.lock. It needs git and pipx.
# Exit status: 0 nothing is, 2 something is, any other: that could not be found out.
set -eu
cd "$(dirname "$0")/../.."

newer=0
case "$(sed -n 's/^_src_path: *//p' .copier-answers.yml | tr -d "\"'")" in
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
        echo "The template has a newer release. How to take it: documentation/upgrading.md"
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
    echo "Packages of requirements.lock have newer versions. How to take them: documentation/production.md, The lock"
    newer=2
fi

exit $newer
