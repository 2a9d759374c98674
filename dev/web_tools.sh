#!/bin/sh
# Installs what `make test-web` runs: the packages of tests/web/package-lock.json and of the example
# in Node.js, checked against their hashes. Quick when nothing changed. Node.js 20 or newer with npm
# has to be there.
set -eu
cd "$(dirname "$0")/.."

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
