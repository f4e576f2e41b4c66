#!/bin/sh
# Print a Python that the locks are for: the one that is named, or the first that works.
set -eu
wanted=$(sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' "$(dirname "$0")/../pyproject.toml")

version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

suits() { echo "$wanted" | grep -qx "$(version "$1" || echo none)"; }

if [ -n "${1:-}" ]; then
  candidates=$1
else
  candidates="$(for v in $wanted; do echo "python$v"; done) python3 python"
fi
for python in $candidates; do
  if suits "$python"; then
    command -v "$python"
    exit
  fi
done

newest=$(echo "$wanted" | tail -n 1)
found=${1:-python3}
{
  echo "tabsculpt needs Python $(echo "$wanted" | paste -s -d '|' | sed 's/|/, /g'); $found is $(version "$found" || echo 'not there')."
  echo "Install one, for instance with one of these lines, and type make again:"
  echo "    pip install uv && uv python install $newest           # any system, without root"
  echo "    sudo apt-get install python$newest python$newest-venv    # where Debian or Ubuntu has it"
  echo "    brew install python@$newest                           # macOS"
  echo "One that lies elsewhere is named: make setup PYTHON=/path/to/python$newest"
} >&2
exit 2
