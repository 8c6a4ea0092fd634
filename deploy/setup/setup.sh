#!/bin/sh
# Finds a Python that is new enough and hands over to install.py, which does the work.
# Usage: deploy/setup/setup.sh [--venv FOLDER] run|test|ui
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for python in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 python; do
    if command -v "$python" >/dev/null 2>&1 &&
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" "$here/install.py" "$@"
    fi
done
echo "Kontor needs Python 3.11 or newer; none was found on the PATH." >&2
echo "On Debian or Ubuntu: apt-get install python3 python3-venv" >&2
exit 1
