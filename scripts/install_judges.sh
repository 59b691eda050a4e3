#!/bin/sh
# Misata, which judges generated tables in the slow tests and is timed in the benchmark, in an environment of its own:
# its pandas and NumPy are not the project's.
set -eu
folder=build/judges
if [ -n "$(find "$folder/.ready" -newer requirements/misata.lock 2>/dev/null)" ]; then exit 0; fi
echo "Setting up $folder ..."
[ -x "$folder/bin/python" ] || sh scripts/make_environment.sh "$folder"
if "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/misata.lock
then touch "$folder/.ready"; exit 0; fi
echo "Misata could not be installed: the tests in which it judges are skipped, and the benchmark leaves it out." >&2
[ -z "${CI:-}" ]
