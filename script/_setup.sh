# Sourced by the scripts beside it: makes sure that .venv holds what is asked for, and nothing
# is done twice. Usage: setup EXTRAS   (a comma-separated list, may be empty)
#
# A stamp in .venv remembers what was installed for which pyproject.toml, constraints and Python;
# while it fits, starting costs a few milliseconds and needs no network.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv="$root/.venv"
cd "$root" || exit 1

if [ -t 2 ]; then bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else bold='' dim='' red='' green='' plain=''; fi

say() { printf '%s\n' "${dim}setup:${plain} $*" >&2; }
die() { printf '%s\n' "${red}${bold}setup failed:${plain} $*" >&2; exit 1; }

find_python() {
    local name
    for name in "${PYTHON:-}" python3.11 python3.12 python3.13 python3.14 python3; do
        [ -n "$name" ] || continue
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

apt_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    say "installing $* with apt-get"
    { DEBIAN_FRONTEND=noninteractive apt-get update -q && \
      DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"; } \
        >"$log" 2>&1 || { cat "$log" >&2; return 1; }
}

make_venv() {
    local python=$1
    say "creating .venv with $("$python" --version)"
    "$python" -m venv --clear "$venv" >"$log" 2>&1 && return
    # Debian ships Python without the part that makes environments.
    apt_install python3-venv && "$python" -m venv --clear "$venv" >"$log" 2>&1 && return
    cat "$log" >&2
    die "this Python makes no virtual environments; install it first: apt-get install python3-venv"
}

install() {
    local what=".${1:+[$1]}"
    say "installing $what (the first time takes a minute)"
    if command -v uv >/dev/null; then
        uv pip install -q --python "$venv/bin/python" -c constraints.txt -e "$what" >"$log" 2>&1
    else
        "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-input \
            -c constraints.txt -e "$what" >"$log" 2>&1
    fi || { cat "$log" >&2; die "the packages above could not be installed; is the network there?"; }
}

setup() {
    local extras=$1 stamp="$venv/.stamp-${1:-none}" wanted python log
    wanted="$(cksum pyproject.toml constraints.txt) $root"
    if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
    log=$(mktemp)
    if ! "$venv/bin/python" -c 'import pip' 2>/dev/null || [ ! -f "$venv/.stamp-root" ] \
        || [ "$(cat "$venv/.stamp-root")" != "$root" ]; then
        python=$(find_python) || { apt_install python3 && python=$(find_python); } \
            || die "no Python 3.11 or newer was found; install one, or set PYTHON to it"
        make_venv "$python"
        printf '%s' "$root" >"$venv/.stamp-root"
    fi
    install "$extras"
    printf '%s' "$wanted" >"$stamp"
    rm -f "$log"
    say "${green}ready${plain}"
}
