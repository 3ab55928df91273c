#!/usr/bin/env bash
# Get a MicroPython for 32-bit ARM (Thumb-2, what a Pico 2 runs) into build/micropython-armhf/, and
# a wrapper there that runs it under qemu-user. Needs no root. Otherwise as get_micropython.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly SUITES='trixie forky'
readonly HOME_DIR="$PWD/build/micropython-armhf"
readonly PROGRAM="$HOME_DIR/micropython"
readonly PROOF='import sys; print(sys.implementation.name, sys.maxsize)'
readonly EXPECTED='micropython 2147483647'

give_up() {
    echo "get_micropython_armhf: $*" >&2
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
APT::Architecture "armhf";
#clear APT::Architectures;
APT::Architectures { "armhf"; };
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
    APT_CONFIG="$apt/apt.conf" apt-get --quiet=2 update &&
        APT_CONFIG="$apt/apt.conf" apt-get --quiet=2 --yes --download-only install micropython >/dev/null
}

download_from_any() {
    local suite
    for suite in $SUITES; do
        if download "$suite"; then return; fi
        echo "get_micropython_armhf: Debian $suite cannot be had just now" >&2
    done
    give_up "apt could not download micropython:armhf"
}

unpack() {
    local package
    rm -rf "$HOME_DIR/root"
    mkdir -p "$HOME_DIR/root"
    for package in "$HOME_DIR"/apt/archives/*.deb; do
        dpkg-deb --extract "$package" "$HOME_DIR/root"
    done
    rm -rf "$HOME_DIR/apt"
}

# The machine's own release has a statically linked emulator: one file, nothing to install.
get_emulator() {
    (cd "$HOME_DIR" && apt-get --quiet=2 -o APT::Sandbox::User="" download qemu-user-static)
    dpkg-deb --extract "$HOME_DIR"/qemu-user-static_*.deb "$HOME_DIR/emulator"
    mv "$HOME_DIR/emulator/usr/bin/qemu-arm-static" "$HOME_DIR/qemu-arm-static"
    rm -rf "$HOME_DIR"/qemu-user-static_*.deb "$HOME_DIR/emulator"
}

write_program() {
    cat >"$PROGRAM" <<'END'
#!/bin/sh
# Runs Debian's MicroPython for 32-bit ARM, with the libraries that came with it, under qemu.
here=$(dirname "$(readlink -f "$0")")
exec "$here"/qemu-arm-static -L "$here/root" "$here"/root/usr/lib/ld-linux-armhf.so.3 \
    --library-path "$here/root/usr/lib/arm-linux-gnueabihf" "$here/root/usr/bin/micropython" "$@"
END
    chmod +x "$PROGRAM"
}

if works; then exit 0; fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || give_up "needs Debian's apt-get"
mkdir -p "$HOME_DIR"
[ -x "$HOME_DIR/qemu-arm-static" ] || get_emulator
download_from_any
unpack
write_program
works || give_up "$PROGRAM does not run"
echo "MicroPython for ARM is in build/micropython-armhf/: $("$PROGRAM" -c 'import sys; print(sys.version)')"
