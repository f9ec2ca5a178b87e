#!/bin/sh
# Run `stacksync check` as it was when this connector was made or last updated. It needs git and pipx; arguments go to it:
#   config/ci/check.sh --format github
set -eu
cd "$(dirname "$0")/../.."

answer() {
    sed -n "s/^$1: *//p" .copier-answers.yml | tr -d "\"'"
}

template=$(answer _src_path)
case "$template" in
https://* | ssh://*) address=$template ;;
git+*) address=${template#git+} ;;
gh:*) address=https://github.com/${template#gh:}.git ;;
gl:*) address=https://gitlab.com/${template#gl:}.git ;;
git@*:*) address=ssh://$(echo "$template" | sed 's/:/\//') ;;
*)
    echo "stacksync check was not run: the template is known only at '$template', which is no address." >&2
    exit 0
    ;;
esac

exec pipx run --spec "git+$address@$(answer _commit)" stacksync check "$@"
