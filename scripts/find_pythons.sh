#!/bin/sh
# Prints every Python that the project runs on and that works on this machine, one a line, the newest version first.
# A version is taken from the PATH, or else from pyenv, whose shims answer with an error for versions that are not switched on.
set -u
works() { "$1" -c "import sys, ensurepip, ssl, venv; sys.exit(sys.version_info[:2] != ($2, $3))" 2>/dev/null; }
for version in 3.13 3.12 3.11; do
    for python in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version."*/bin/python; do
        if works "$python" "${version%.*}" "${version#*.}"; then command -v "$python"; break; fi
    done
done
