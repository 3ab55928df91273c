#!/usr/bin/env bash
# Get a 32-bit MicroPython into build/micropython/ and a wrapper there that runs it. Needs no root.
#
# 32 bits, because ESP32 and RP2040 have 32: on the 64-bit build viper's integers are wider and
# its ptr32 does not extend the sign, so that wrong code can pass there and right code fail.
# We want the one of Debian 13 (1.25) or, where that release cannot be read (a mirror in the middle
# of a point release), of the next (1.26): the tests hold for both. Each comes with its own libraries.
# The machine's own apt sources say where Debian is; everything that apt writes here stays in a
# folder of our own, so that the machine's packages, architectures and sources remain as they are.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly SUITES='trixie forky'
readonly HOME_DIR="$PWD/build/micropython"
readonly PROGRAM="$HOME_DIR/micropython"
readonly PROOF='import sys; print(sys.implementation.name, sys.maxsize)'
readonly EXPECTED='micropython 2147483647'

give_up() {
    echo "get_micropython: $*" >&2
    exit 1
}

works() { [ -x "$PROGRAM" ] && [ "$("$PROGRAM" -c "$PROOF" 2>/dev/null)" = "$EXPECTED" ]; }

# The addresses of this machine's Debian, from its own configuration.
debian_sources() {
    local codename
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        awk -v codename="$codename" '$3 == "main" && ($2 == codename || $2 ~ /^(old)?stable$/) {print $1}' |
        sort -u
}

# download SUITE: the program and every library that it needs, into a private folder of apt.
download() {
    local suite=$1 apt="$HOME_DIR/apt"
    rm -rf "$apt"
    mkdir -p "$apt"/{lists/partial,archives/partial,sources}
    : >"$apt/status"
    debian_sources |
        sed "s|.*|deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] & $suite main|" \
            >"$apt/sources.list"
    [ -s "$apt/sources.list" ] || give_up "this machine's apt has no Debian source"
    cat >"$apt/apt.conf" <<END
APT::Architecture "i386";
#clear APT::Architectures;
APT::Architectures { "i386"; };
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
APT::Sandbox::User "";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "2";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::State::lists "$apt/lists";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$apt/sources";
END
    # The status file is empty: apt believes that no library is there, and fetches them all.
    APT_CONFIG="$apt/apt.conf" apt-get --quiet=2 update &&
        APT_CONFIG="$apt/apt.conf" apt-get --quiet=2 --yes --download-only install micropython >/dev/null
}

download_from_any() {
    local suite
    for suite in $SUITES; do
        if download "$suite"; then return; fi
        echo "get_micropython: Debian $suite cannot be had just now" >&2
    done
    give_up "apt could not download micropython:i386"
}

unpack() {
    local package
    rm -rf "$HOME_DIR/root"
    mkdir -p "$HOME_DIR/root"
    for package in "$HOME_DIR"/apt/archives/*.deb; do
        dpkg-deb --extract "$package" "$HOME_DIR/root"
    done
    rm -rf "$HOME_DIR/apt"
    cat >"$PROGRAM" <<'END'
#!/bin/sh
# Runs Debian's 32-bit MicroPython with the libraries that came with it.
root=$(dirname "$(readlink -f "$0")")/root
exec "$root"/usr/lib/i386-linux-gnu/ld-linux.so.2 \
    --library-path "$root/usr/lib/i386-linux-gnu" "$root/usr/bin/micropython" "$@"
END
    chmod +x "$PROGRAM"
}

if works; then exit 0; fi
[ "$(uname -m)" = x86_64 ] || [ "$(uname -m)" = i686 ] || give_up "needs an x86 processor"
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || give_up "needs Debian's apt-get"
mkdir -p "$HOME_DIR"
download_from_any
unpack
works || give_up "$PROGRAM does not run: does this kernel run 32-bit programs?"
echo "32-bit MicroPython is in build/micropython/: $("$PROGRAM" -c 'import sys; print(sys.version)')"
