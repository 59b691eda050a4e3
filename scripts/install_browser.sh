#!/bin/sh
# Makes sure there is a Chromium: pages that are empty without JavaScript need one, and so do the tests of the booklet.
# Taken in this order: PROVISIONING_CHROMIUM, one on the PATH, Debian's package (as root), Playwright's own download.
set -eu
if [ -n "${PROVISIONING_CHROMIUM:-}" ] && [ -x "$PROVISIONING_CHROMIUM" ]; then exit 0; fi
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
for binary in "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium*/chrome-linux*/*; do
    case "$binary" in */chrome|*/headless_shell|*/chrome-headless-shell) [ -x "$binary" ] && exit 0 ;; esac
done
echo "Installing Chromium ..."
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    # libatomic1 is for Playwright's own Node, which drives Chromium: Debian's smallest images lack it.
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium libatomic1 >/dev/null && exit 0
fi
if .venv/bin/python -m playwright install chromium; then exit 0; fi
echo "No Chromium could be installed. Install it by hand (Debian: apt-get install chromium) or set PROVISIONING_CHROMIUM" >&2
echo "to its binary. Without it, pages that need JavaScript cannot be read, and the tests that need it are skipped." >&2
[ -z "${CI:-}" ]
