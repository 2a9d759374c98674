#!/bin/sh
# Builds the five images with whichever of docker, podman and buildah works here. ENGINE names one.
# REGISTRY goes before the names, TAG behind them; PYTHON_IMAGE is what they are built on, which a
# release gives with its digest.
set -eu
cd "$(dirname "$0")/.."

works() { command -v "$1" >/dev/null 2>&1 && "$1" info >/dev/null 2>&1; }

engine=${ENGINE:-}
for candidate in docker podman buildah; do
    if [ -z "$engine" ] && works "$candidate"; then engine=$candidate; fi
done
if [ -z "$engine" ]; then
    echo "images: none of docker, podman and buildah works here; install one, or name it: ENGINE=..." >&2
    exit 1
fi
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml | head -n 1)
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
for service in profile segmentation offers gateway cli; do
    name="${REGISTRY:+$REGISTRY/}dangol/$service:${TAG:-$version}"
    set -- build --file Dockerfile --tag "$name" --build-arg "SERVICE=$service" \
        --build-arg "VERSION=$version" --build-arg "REVISION=$revision"
    [ -z "${PYTHON_IMAGE:-}" ] || set -- "$@" --build-arg "PYTHON_IMAGE=$PYTHON_IMAGE"
    "$engine" "$@" .
    echo "images: built $name with $engine"
done
