#!/usr/bin/env bash
# All that is to be known of a GPU, in at most eight minutes; lines come as they are measured.
#
#   scripts/check_gpu.sh [--dry-run] [--python PYTHON] [--wheels FOLDER] [--out FOLDER]
#
# --dry-run   everything but the speed, on the CPU and small tables
# --python    one that has tabsculpt; otherwise that of .venv, or one made from --wheels
# --wheels    a folder with the wheels of tabsculpt and all that it needs: no network. Made by
#             `pip wheel --no-deps -r requirements.lock -w FOLDER` and `pip wheel --no-deps -w FOLDER .`
# --out       where the tables go; scripts/results/gpu by default, a temporary folder in a dry run
set -euo pipefail
cd "$(dirname "$0")/.."
python="" wheels="" rest=()
while [ $# -gt 0 ]; do
  case "$1" in
    --python) python=$2; shift 2 ;;
    --wheels) wheels=$2; shift 2 ;;
    *) rest+=("$1"); shift ;;
  esac
done
work=$(mktemp -d)
mps=no
end() {
  if [ "$mps" = yes ]; then echo quit | nvidia-cuda-mps-control || true; fi
  rm -rf "$work"
}
trap end EXIT
if [ -n "$wheels" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/python" -m pip install --quiet --no-deps "$wheels"/*.whl
  python=$work/venv/bin/python
fi
if [ -z "$python" ]; then
  python=.venv/bin/python
  [ -x "$python" ] || python=python3
fi
if command -v nvidia-smi >/dev/null; then
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
fi
# The first two stages get four minutes, sharing a GPU the rest: without the MPS daemon and with it.
began=$SECONDS failed=0
left() { echo $((480 - SECONDS + began)); }
check() {
  local most
  most=$(left)
  [ "$most" -gt 5 ] || { echo "not measured, as the time is over: $*"; return 0; }
  timeout "$most" "$python" scripts/check_gpu.py "$@" --seconds "$most" ${rest+"${rest[@]}"} ||
    failed=$?
  [ "$failed" != 124 ] || echo "cut, as the eight minutes are over: $*"
}
check contract
check speed
check sharing
if command -v nvidia-cuda-mps-control >/dev/null; then
  export CUDA_MPS_PIPE_DIRECTORY=$work/mps CUDA_MPS_LOG_DIRECTORY=$work/mps-log
  mkdir -p "$CUDA_MPS_PIPE_DIRECTORY" "$CUDA_MPS_LOG_DIRECTORY"
  if nvidia-cuda-mps-control -d; then
    mps=yes
    check sharing --mps
  fi
else
  echo "no MPS daemon here: sharing was measured without it"
fi
echo "$((SECONDS - began)) seconds"
exit "$failed"
