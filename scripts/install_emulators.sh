#!/bin/sh
# gcp-storage-emulator and bqemulator, which stand for Cloud Storage and BigQuery in the tests, in an environment of their own:
# bqemulator's DuckDB and sqlglot are not the project's.
set -eu
folder=build/emulators
if [ -n "$(find "$folder/.ready" -newer requirements/emulators.lock 2>/dev/null)" ]; then exit 0; fi
echo "Setting up $folder ..."
[ -x "$folder/bin/python" ] || sh scripts/make_environment.sh "$folder"
# DuckDB looks for extensions in the home folder; the emulator gets a home of its own, so that the user's stays as it is
if "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/emulators.lock &&
    HOME="$PWD/$folder/home" "$folder/bin/python" - <<'PYTHON'
from pathlib import Path

import duckdb
import duckdb_extension_spatial

packaged = next(Path(duckdb_extension_spatial.__file__).parent.rglob("spatial.duckdb_extension"))
connection = duckdb.connect()
platform = connection.execute("PRAGMA platform").fetchall()[0][0]
folder = Path.home() / ".duckdb" / "extensions" / f"v{duckdb.__version__}" / platform
folder.mkdir(parents=True, exist_ok=True)
(folder / packaged.name).write_bytes(packaged.read_bytes())
connection.execute("LOAD spatial")
PYTHON
then touch "$folder/.ready"; exit 0; fi
echo "The emulators of Cloud Storage and BigQuery could not be installed: the tests of the Google Cloud target are skipped." >&2
[ -z "${CI:-}" ]
