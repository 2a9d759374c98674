#!/bin/sh
# Writes requirements.lock and dev/bootstrap.lock: exact versions with hashes, no download host.
# UPGRADE=1 takes the newest versions; otherwise what is locked stays where it still fits.
set -eu
cd "$(dirname "$0")/.."

members=
for manifest in libs/*/pyproject.toml services/*/pyproject.toml dev/pyproject.toml; do
    name=$(sed -n 's/^name = "\(.*\)"$/\1/p' "$manifest")
    members="$members --no-emit-package $name"
done
compile() {
    # shellcheck disable=SC2086 # options are words on purpose
    .venv/bin/uv pip compile --quiet ${UPGRADE:+--upgrade} --universal --python-version 3.11 \
        --generate-hashes --no-header "$@"
}
# shellcheck disable=SC2086
compile pyproject.toml --group test --group setup $members --output-file requirements.lock
grep '^uv==' requirements.lock | sed 's/ .*//' |
    compile - --no-annotate --output-file dev/bootstrap.lock
