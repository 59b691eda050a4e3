#!/bin/sh
# Makes sure there is a PostgreSQL server: the tests keep Dagster's records in one, as the containers do.
# Taken in this order: one that is installed (Debian's folders, or initdb on the PATH), Debian's package (as root).
set -eu
for binary in /usr/lib/postgresql/*/bin/initdb; do [ -x "$binary" ] && exit 0; done
if command -v initdb >/dev/null 2>&1; then exit 0; fi
echo "Installing PostgreSQL ..."
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null && exit 0
fi
echo "No PostgreSQL server could be installed. Install it by hand (Debian: apt-get install postgresql)." >&2
echo "Without it, the tests of Dagster's records in PostgreSQL are skipped." >&2
[ -z "${CI:-}" ]
