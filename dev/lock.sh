#!/bin/sh
# Writes requirements.lock, dev/bootstrap.lock and the locks of what checks the chart and the web: exact versions
# with hashes, no download host.
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
compile dev/chart-tools.in --output-file dev/chart-tools.lock
compile dev/web-tools.in --output-file dev/web-tools.lock
compile dev/helm.in --no-deps --output-file dev/helm.lock

# What each image holds: the versions of requirements.lock, as far as the service needs them.
pinned=$(mktemp)
trap 'rm -f "$pinned"' EXIT
sed -n 's/^\([a-z0-9.-]*==.*\) \\$/\1/p' requirements.lock >"$pinned"
for service in profile segmentation offers gateway cli; do
    manifest=services/$service/pyproject.toml
    [ -f "$manifest" ] || manifest=libs/$service/pyproject.toml
    # shellcheck disable=SC2086
    compile "$manifest" libs/service_kit/pyproject.toml libs/contracts/pyproject.toml $members \
        --no-annotate --constraint "$pinned" --output-file "images/$service.lock"
done
