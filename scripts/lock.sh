#!/bin/sh
# Pins every dependency with hashes, for every Python from 3.11 on and every platform (--universal). Run after pyproject.toml
# or a file requirements/*.in changed; commit the result.
set -eu
[ -x build/lock/bin/python ] || sh scripts/make_environment.sh build/lock
build/lock/bin/pip install --quiet uv
compile() {
    build/lock/bin/uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url "$@"
}
compile pyproject.toml --extra setup --extra dev -o requirements/dev.lock
compile pyproject.toml --extra setup -c requirements/dev.lock -o requirements/runtime.lock
compile requirements/misata.in -o requirements/misata.lock
compile requirements/emulators.in -o requirements/emulators.lock
compile pyproject.toml --extra setup --extra dask -c requirements/dev.lock -o requirements/dask.lock
compile pyproject.toml --extra setup --extra postgres -c requirements/dev.lock -o requirements/postgres.lock
compile pyproject.toml --extra setup --extra telemetry -c requirements/dev.lock -o requirements/telemetry.lock
compile pyproject.toml --extra setup --extra postgres --extra kubernetes --extra telemetry -c requirements/dev.lock -o requirements/image.lock
