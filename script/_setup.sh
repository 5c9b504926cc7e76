# Sourced by the other scripts: installs the packages of an extra of pyproject.toml into .venv, if
# they are missing. Usage: setup EXTRA   (client, docs, dev or audit; empty for the server alone)
#
# A stamp in .venv records the pyproject.toml, constraints and Python for which packages were
# installed. While they are the same, a start takes a few milliseconds and needs no network. An
# existing .venv is kept if packages can be installed into it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
venv="$root/.venv"
native=gameserver/accel/native

if [ -t 2 ]; then bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else bold='' dim='' red='' green='' plain=''; fi

say() { printf '%s\n' "${dim}setup:${plain} $*" >&2; }
die() { printf '%s\n' "${red}${bold}setup failed:${plain} $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
# Print the comment at the head of a script and exit, if its first argument asks for help.
help_of() {
    case ${2:-} in
        -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$1"; exit 0 ;;
    esac
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local name
    for name in "${PYTHON:-}" python3.13 python3.12 python3.11 python3.14 python3; do
        if [ -n "$name" ] && new_enough "$name"; then command -v "$name"; return; fi
    done
    return 1
}

apt_install() {
    { [ "$(id -u)" = 0 ] && have apt-get; } || return 1
    say "installing $* with apt-get"
    { DEBIAN_FRONTEND=noninteractive apt-get update -q &&
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"; } \
        >"$log" 2>&1
}

# The stamp's text. It contains the checkout's path, because the installed package refers to it, and
# Python's path, because after an upgrade of the system the link leads to another version; and the
# sources in C, because the installation builds them.
wanted() {
    printf '%s %s %s' "$root" \
        "$(cd "$root" && cat pyproject.toml constraints.txt hatch_build.py "$native"/src/* 2>/dev/null | cksum)" \
        "$(readlink -f "$venv/bin/python")"
}

# The extras that an extra includes, itself first.
contained() {
    case $1 in
        audit) echo audit dev client docs server ;;
        dev) echo dev client docs server ;;
        docs) echo docs server ;;
        client) echo client server ;;
        *) echo server ;;
    esac
}

fresh() {
    [ -x "$venv/bin/python" ] && [ "$(cat "$venv/.stamp-${1:-server}" 2>/dev/null)" = "$(wanted)" ]
}

# An environment that was moved is unusable: its programs contain the path at which it was made.
usable() {
    [ -x "$venv/bin/python" ] && new_enough "$venv/bin/python" &&
        grep -qsF -e "=$venv" -e "=\"$venv\"" -e "='$venv'" "$venv/bin/activate" &&
        { have uv || "$venv/bin/python" -c 'import pip' >/dev/null 2>&1; }
}

make_venv() {
    local python version
    python=$(find_python) || { apt_install python3 && python=$(find_python); } ||
        die "no Python 3.11 or newer was found; install one, or set PYTHON to it"
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "creating .venv with Python $version"
    rm -rf "$venv"
    if have uv; then
        uv venv -q --python "$python" "$venv" >"$log" 2>&1 && return
    fi
    "$python" -m venv "$venv" >"$log" 2>&1 && return
    # On Debian, the venv module is a package of its own.
    { apt_install "python$version-venv" || apt_install python3-venv; } &&
        rm -rf "$venv" && "$python" -m venv "$venv" >"$log" 2>&1 && return
    cat "$log" >&2
    rm -rf "$venv"
    die "this Python cannot make environments; on Debian: apt-get install python$version-venv"
}

install() {
    local what=".${1:+[$1]}"
    say "installing gameserver${1:+ with $1} (the first time takes a minute)"
    (
        cd "$root" || exit 1
        if have uv; then
            uv pip install -q --python "$venv/bin/python" -c constraints.txt -e "$what"
        else
            "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-input \
                -c constraints.txt -e "$what"
        fi
    ) >"$log" 2>&1 && return
    cat "$log" >&2
    die "packages could not be installed (see above); is there a network?"
}

# The tests compare the native hot path with the one in Python, so they need what builds it.
setup_compiler() {
    local include
    include=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    have cc && [ -e "$include/Python.h" ] && return
    apt_install gcc libc6-dev python3-dev ||
        say "no C compiler could be installed: tests of the native hot path are skipped"
}

tell_hot_path() {
    [ "$("$venv/bin/python" -c 'from gameserver.accel import hot; print(hot.name)')" = native ] && return
    say "no C compiler (with the headers of Python) was found: the server runs without its native" \
        "part and takes about a third more processor time; on Debian: apt-get install gcc" \
        "python3-dev, then delete .venv/.stamp-*"
}

# Programs that some tests run: a real proxy, and Node and a browser for the JavaScript client. Each
# is installed if that is possible; without it its tests are skipped, and say so.
setup_programs() {
    local missing=() name
    have nginx || [ -x /usr/sbin/nginx ] || missing+=(nginx)
    have node || missing+=(nodejs)
    have npm || missing+=(npm)
    have chromium || have chromium-browser || have google-chrome || missing+=(chromium)
    if [ ${#missing[@]} -gt 0 ]; then
        log=$(mktemp) || exit 1
        # In this run level Debian does not start the services that it installs.
        export RUNLEVEL=1
        apt_install "${missing[@]}" || for name in "${missing[@]}"; do
            apt_install "$name" || say "$name is not installed: its tests are skipped"
        done
        unset RUNLEVEL
        rm -f "$log"
    fi
    setup_js
}

# The packages of client_js and client_web, with a stamp for each as for .venv. npm writes no lock
# file, which would hold the addresses of a registry; package.json has exact versions. With `lean`
# only those that the pages are built from: what tests and lint need takes as long again.
setup_js() {
    setup_npm client_js "${1:-}" && setup_npm client_web "${1:-}"
}

setup_npm() {
    local folder="$root/$1" lean=${2:-} wanted kept
    have npm || return 0
    wanted="$(cd "$folder" && cksum package.json) $(node --version)"
    kept=$(cat "$folder/node_modules/.stamp" 2>/dev/null)
    if [ "$kept" = "$wanted" ] || [ "$kept" = "$wanted $lean" ]; then return; fi
    # Who has all of them keeps all of them.
    case $kept in '' | *lean) ;; *) lean='' ;; esac
    say "installing the packages of $1"
    log=$(mktemp) || exit 1
    set -- --no-package-lock --no-audit --no-fund ${lean:+--omit=dev}
    # First without asking the registry for what npm has kept from another time.
    if (cd "$folder" && { npm install --prefer-offline "$@" || npm install "$@"; }) >"$log" 2>&1; then
        printf '%s' "$wanted${lean:+ $lean}" >"$folder/node_modules/.stamp"
    else
        cat "$log" >&2
        say "the packages of ${folder##*/} are not installed: what needs them is left out"
    fi
    rm -f "$log"
}

# Build the pages that the server shows to browsers. The server runs without them, so nothing here
# ends a script; what is missing is said in one line.
setup_pages() {
    local pages="$root/client_web/dist" wanted log
    [ -d "$root/client_web" ] || return 0
    wanted=$(cd "$root/client_web" && find src ../client_js/src ../script/compress_web.py index.html \
        console.html package.json vite.config.ts -type f | LC_ALL=C sort | xargs cat | cksum)
    if [ "$(cat "$pages/.stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
    # apt-get is asked once: without a network it would hold up every start.
    if ! have npm && [ ! -e "$venv/.asked-for-node" ]; then
        true >"$venv/.asked-for-node"
        log=$(mktemp) || exit 1
        apt_install nodejs npm
        rm -f "$log"
    fi
    if ! have npm; then
        say "no pages for browsers: install Node 18 or newer with npm (apt-get install nodejs npm)," \
            "then start again"
        return
    fi
    exec 8<"$root/client_web/package.json"
    if have flock; then flock 8; fi
    if [ "$(cat "$pages/.stamp" 2>/dev/null)" != "$wanted" ]; then
        setup_js lean
        say "building the pages for browsers (the first time takes a minute)"
        log=$(mktemp) || exit 1
        if (
            cd "$root/client_web" && node node_modules/vite/bin/vite.js build &&
                node node_modules/vite/bin/vite.js build --mode console &&
                "$venv/bin/python" "$root/script/compress_web.py" dist
        ) >"$log" 2>&1; then
            printf '%s' "$wanted" >"$pages/.stamp"
        else
            cat "$log" >&2
            say "no pages for browsers: they could not be built (see above)"
        fi
        rm -f "$log"
    fi
    exec 8<&-
}

setup() {
    local extra=$1 part
    if fresh "$extra"; then return; fi
    # Server and clients are often started at the same time: the first installs, the others wait.
    exec 9<"$root/pyproject.toml"
    if have flock && ! flock -n 9; then say "waiting until another script has installed the packages"; flock 9; fi
    if ! fresh "$extra"; then
        log=$(mktemp) || exit 1
        trap 'rm -f "$log"' EXIT
        if ! usable; then make_venv; fi
        case $extra in dev | audit) setup_compiler ;; esac
        install "$extra"
        tell_hot_path
        for part in $(contained "$extra"); do wanted >"$venv/.stamp-$part"; done
        rm -f "$log"
        trap - EXIT
        say "${green}ready${plain}"
    fi
    exec 9<&-
}
