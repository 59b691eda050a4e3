#!/bin/sh
# Makes an environment in the given folder, with the Python that PYTHON names.
set -eu
supported='import sys; sys.exit((3, 11) > sys.version_info[:2] or sys.version_info[:2] > (3, 13))'
if [ -z "${PYTHON:-}" ]; then
    echo "No Python 3.11, 3.12 or 3.13 was found that works. Install one, with venv, or name it: make PYTHON=/path/to/python" >&2
    exit 1
fi
if ! "$PYTHON" -c "$supported"; then
    echo "Python 3.11, 3.12 or 3.13 is needed; $PYTHON is $("$PYTHON" --version 2>&1). Name another: make PYTHON=/path/to/python" >&2
    exit 1
fi
exec "$PYTHON" -m venv "$1"
