#!/bin/sh
# aimock, a server by others that speaks the Messages API: the tests hold the client against it, too. It needs Node 20 or newer.
set -eu
folder=build/aimock
if [ -n "$(find "$folder/.ready" -newer requirements/aimock/package-lock.json 2>/dev/null)" ]; then exit 0; fi
major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
if [ "${major:-0}" -lt 20 ]; then
  echo "There is no Node 20 or newer: the tests against aimock are skipped." >&2
  exit 0
fi
echo "Setting up $folder ..."
mkdir -p "$folder"
cp requirements/aimock/package.json requirements/aimock/package-lock.json "$folder/"
if (cd "$folder" && npm ci --silent --ignore-scripts --no-audit --no-fund); then touch "$folder/.ready"; exit 0; fi
echo "aimock could not be installed: the tests against it are skipped." >&2
[ -z "${CI:-}" ]
