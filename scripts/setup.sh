#!/bin/sh
# Make an environment ready to use, .venv unless VENV=... names another; does nothing when it is.
#
#   scripts/setup.sh runtime   what Trunkline needs to run, every channel included
#   scripts/setup.sh dev       that, and what its tests and linters need
#   scripts/setup.sh peers     what `make bench` measures it beside, apart from it in .build/peers
#
# Uses uv when there is one, else `python3 -m venv` and pip. PYTHON=... names the interpreter.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "setup: $*" >&2; }
fail() { say "$@"; exit 1; }
venv=${VENV:-.venv}

have_uv() { uv --version >/dev/null 2>&1; }  # asked by running it: a shim may be there and not work

is_supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1
}

makes_environments() {  # Debian packs these two apart from Python itself
    is_supported "$1" && "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

find_python() {  # prints nothing when there is none
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if makes_environments "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

get_python_from_debian() {
    packages="python3 python3-venv"
    if [ -n "${PYTHON:-}" ]; then
        fail "$PYTHON is not a Python 3.11, 3.12 or 3.13 with its venv module; name another one"
    elif ! command -v apt-get >/dev/null; then
        fail "needs Python 3.11, 3.12 or 3.13. Install uv and run make again (macOS: brew install uv)," \
            "or name an interpreter: make PYTHON=/path/to/python3.12 ..."
    elif [ "$(id -u)" -ne 0 ]; then
        fail "needs Python 3.11, 3.12 or 3.13 with its venv module. Run this, then make again:" \
            "sudo apt-get update && sudo apt-get install $packages"
    fi
    say "installing $packages"
    apt-get update -q >&2
    # shellcheck disable=SC2086 # two packages, meant to be split
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $packages >&2
}

make_environment() {
    if have_uv; then
        uv venv --quiet --clear --python "${PYTHON:->=3.11,<3.14}" "$venv"
        return
    fi
    python=$(find_python)
    if [ -z "$python" ]; then
        get_python_from_debian
        python=/usr/bin/python3
        makes_environments "$python" || fail "this Debian's Python is $("$python" --version), and" \
            "Trunkline needs 3.11, 3.12 or 3.13. Install uv (it brings one) and run make again"
    fi
    "$python" -m venv --clear "$venv"
}

install() {
    if have_uv; then
        uv pip install --quiet --python "$venv/bin/python" "$@"
        return
    fi
    [ -x "$venv/bin/pip" ] || "$venv/bin/python" -m ensurepip >/dev/null  # made by uv, which went since
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
}

# A stamp says what the environment was made from, so that a second run costs nothing.
fingerprint() { cat pyproject.toml locks/requirements.txt "$@" | cksum; }
is_made() { [ "$(cat "$venv/.made-$1" 2>/dev/null)" = "$2" ]; }

kind=${1:-}
if [ "$kind" = peers ]; then
    venv=.build/peers
    wanted=$(cksum <locks/peers.txt)
    if is_supported "$venv/bin/python" && is_made peers "$wanted"; then exit 0; fi
    mkdir -p .build
    make_environment
    say "installing locks/peers.txt into $venv ($("$venv/bin/python" --version))"
    install --require-hashes --requirement locks/peers.txt
    echo "$wanted" >"$venv/.made-peers"
    exit 0
fi
runtime=$(fingerprint)
dev=$(fingerprint locks/dev.txt)
case $kind in
    runtime) lock=locks/requirements.txt wanted=$runtime ;;
    dev) lock=locks/dev.txt wanted=$dev ;;
    *) fail "say what for: runtime, dev or peers" ;;
esac

if ! is_supported "$venv/bin/python"; then
    make_environment
elif is_made "$kind" "$wanted"; then
    exit 0
fi
say "installing $lock into $venv ($("$venv/bin/python" --version))"
install --require-hashes --requirement "$lock"
install --no-deps --editable .
echo "$runtime" >"$venv/.made-runtime"  # the development set holds the runtime set
if [ "$kind" = dev ]; then echo "$dev" >"$venv/.made-dev"; fi
