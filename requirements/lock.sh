#!/bin/sh
# Compile pyproject.toml into locked files. Index addresses stay out of them.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
lock() {
    out=$1; shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links "$@" -o "requirements/$out"
}
lock dev.txt pyproject.toml --extra demo --extra test --extra dev
lock demo.txt pyproject.toml --extra demo --constraint requirements/dev.txt
lock base.txt pyproject.toml --constraint requirements/dev.txt
echo uv | lock uv.txt - --constraint requirements/dev.txt
echo "Locked: requirements/base.txt (service), demo.txt (make run), dev.txt (make test), uv.txt (installs them)."
