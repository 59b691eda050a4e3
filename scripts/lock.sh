#!/bin/sh
# Pins every dependency with hashes. Run after pyproject.toml changed; commit the result.
set -eu
python3.11 -m venv build/lock
build/lock/bin/pip install --quiet uv
compile() { build/lock/bin/uv pip compile --quiet --no-strip-extras --python-version 3.11 --generate-hashes --no-header --no-emit-index-url pyproject.toml "$@"; }
compile --extra setup --extra dev -o requirements/dev.lock
compile --extra setup -c requirements/dev.lock -o requirements/runtime.lock
