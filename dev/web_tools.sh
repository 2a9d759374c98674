#!/bin/sh
# Installs what `make test-web` runs: the packages of tests/web/package-lock.json and of the example
# in Node.js, and schemathesis in a virtual environment of its own, all checked against their hashes.
# Quick when nothing changed.
# Node.js 20 or newer with npm has to be there; tests that need Chromium say so themselves.
set -eu
cd "$(dirname "$0")/.."

tools=$(cat dev/web-tools.lock | sha256sum | cut -d ' ' -f 1)
if [ "$(cat .tools/web-state 2>/dev/null)" != "$tools" ]; then
    mkdir -p .tools
    [ -x .tools/web-venv/bin/python ] || .venv/bin/python -m venv .tools/web-venv
    .venv/bin/uv pip sync --quiet --python .tools/web-venv/bin/python --require-hashes \
        dev/web-tools.lock
    echo "$tools" >.tools/web-state
fi

command -v node >/dev/null && command -v npm >/dev/null || {
    echo "web tools: Node.js 20 with npm is missing: install it, on Debian with" >&2
    echo "    apt-get install nodejs npm" >&2
    exit 1
}
for folder in tests/web examples/partner-node; do
    (
        cd "$folder"
        state=$(cat package.json package-lock.json | sha256sum | cut -d ' ' -f 1)
        [ "$(cat node_modules/.state 2>/dev/null)" != "$state" ] || exit 0
        npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
        echo "$state" >node_modules/.state
    )
done
