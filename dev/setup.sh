#!/bin/sh
# Makes .venv ready: what the lock file names, the workspace's packages, the `dangol` command, and
# the shared libraries of the packaged mongod. Quick when nothing changed; safe to run again after
# a failure. PYTHON names the interpreter to use (default python3).
set -eu
cd "$(dirname "$0")/.."

say() { echo "setup: $*"; }
stop() { echo "setup: $*" >&2; exit 1; }

# 1. The Python environment, rebuilt when the lock, the workspace or the interpreter changed.
PYTHON=${PYTHON:-python3}
command -v "$PYTHON" >/dev/null || stop "$PYTHON not found: install Python 3.11 or newer"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$("$PYTHON" --version) is too old: set PYTHON to Python 3.11 or newer"

mkdir -p .dangol .venv
if command -v flock >/dev/null; then
    exec 9>.dangol/setup-lock
    flock 9
fi

# What a virtual environment is bound to: scripts in it name their folder and their interpreter.
base="$(pwd -P) $("$PYTHON" -VV)"
members=$(ls libs/*/pyproject.toml services/*/pyproject.toml dev/pyproject.toml)
state=$({ echo "$base $members"; cat requirements.lock dev/bootstrap.lock dev/setup.sh; } |
    sha256sum | cut -d ' ' -f 1)
if [ "$(cat .venv/.setup-state 2>/dev/null)" != "$state" ]; then
    say "installing into .venv (the first time downloads a few hundred MB)"
    rm -f .venv/.setup-state
    uv=$(sed -n 's/^uv==\([0-9.]*\).*/uv \1/p' dev/bootstrap.lock)
    if [ "$(cat .venv/.setup-base 2>/dev/null)" != "$base" ] ||
        ! .venv/bin/uv --version 2>/dev/null | grep -q "^$uv"; then
        "$PYTHON" -m venv --clear .venv ||
            stop "cannot make a virtual environment: on Debian, apt-get install python3-venv"
        .venv/bin/python -m pip install --quiet --require-hashes --no-deps -r dev/bootstrap.lock
        echo "$base" >.venv/.setup-base
    fi
    .venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock
    .venv/bin/python dev/link_workspace.py
    echo "$state" >.venv/.setup-state
    say "done"
fi

# 2. Shared libraries of the packaged mongod; a bare Debian 12 lacks libcurl4.
[ -z "${DANGOL_MONGODB_URI:-}" ] || exit 0
mongod=$(echo .venv/lib/python3.*/site-packages/fiftyone/db/bin/mongod)
[ -x "$mongod" ] || stop "the packaged mongod is missing: remove .venv and try again"
missing=$(ldd "$mongod" | sed -n 's/^\s*\(\S*\) => not found.*/\1/p' | sort -u)
[ -n "$missing" ] || exit 0
packages=
for library in $missing; do
    case $library in
    libcurl.so.4) packages="$packages libcurl4" ;;
    libssl.so.3 | libcrypto.so.3) packages="$packages libssl3" ;;
    *) stop "mongod needs $library, which this machine lacks" ;;
    esac
done
packages=$(echo "$packages" | tr ' ' '\n' | sort -u | xargs)
install="apt-get update && apt-get install --yes --no-install-recommends $packages"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "mongod needs $packages; installing with: $install"
    # shellcheck disable=SC2086 # one word a package
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes \
        --no-install-recommends $packages) >.venv/apt.log 2>&1 ||
        { cat .venv/apt.log >&2; stop "could not install $packages"; }
else
    stop "mongod needs $packages; run this, then try again: sudo sh -c '$install'"
fi
