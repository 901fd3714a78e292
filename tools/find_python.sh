#!/bin/sh
# Print a Python that can run the book, or say which ones were found and which is needed.
#     find_python.sh [PYTHON]
# Newer than the newest tested one is a last resort: its packages may not be there yet.
found=""
for name in ${1:-python3.13 python3.12 python3.11 python3 python}; do
    version=$("$name" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue
    found="$found $name($version)"
    "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || continue
    if ! "$name" -c 'import venv, ensurepip' 2>/dev/null; then
        echo "$name is Python $version without venv; on Debian: apt-get install python3-venv" >&2
        exit 1
    fi
    echo "$name"
    exit 0
done
echo "The book needs Python 3.11 or later; found:${found:- none}." >&2
echo "Install one, or name one: make PYTHON=/path/to/python3 ..." >&2
exit 1
