#!/usr/bin/env bash
# get_micropython.sh [i386|armhf]: get a 32-bit MicroPython and a wrapper that runs it. No root.
#
#   i386   into build/micropython/, runs on the PC's own processor
#   armhf  into build/micropython-armhf/, under qemu-user: Thumb-2, what a Pico 2 runs
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
readonly ARCH=${1:-i386}
case $ARCH in
    i386) HOME_DIR="$PWD/build/micropython" ;;
    armhf) HOME_DIR="$PWD/build/micropython-armhf" ;;
    *) echo "get_micropython: i386 or armhf, not $ARCH" >&2 && exit 2 ;;
esac
readonly HOME_DIR
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
APT::Architecture "$ARCH";
#clear APT::Architectures;
APT::Architectures { "$ARCH"; };
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
    give_up "apt could not download micropython:$ARCH"
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

write_program() {
    if [ "$ARCH" = armhf ]; then
        cat >"$PROGRAM" <<'END'
#!/bin/sh
# Runs Debian's MicroPython for 32-bit ARM, with the libraries that came with it, under qemu.
here=$(dirname "$(readlink -f "$0")")
exec "$here"/qemu-arm-static -L "$here/root" "$here"/root/usr/lib/ld-linux-armhf.so.3 \
    --library-path "$here/root/usr/lib/arm-linux-gnueabihf" "$here/root/usr/bin/micropython" "$@"
END
    else
        cat >"$PROGRAM" <<'END'
#!/bin/sh
# Runs Debian's 32-bit MicroPython with the libraries that came with it.
root=$(dirname "$(readlink -f "$0")")/root
exec "$root"/usr/lib/i386-linux-gnu/ld-linux.so.2 \
    --library-path "$root/usr/lib/i386-linux-gnu" "$root/usr/bin/micropython" "$@"
END
    fi
    chmod +x "$PROGRAM"
}

# The machine's own release has a statically linked emulator: one file, nothing to install.
get_emulator() {
    (cd "$HOME_DIR" && apt-get --quiet=2 -o APT::Sandbox::User="" download qemu-user-static)
    dpkg-deb --extract "$HOME_DIR"/qemu-user-static_*.deb "$HOME_DIR/emulator"
    mv "$HOME_DIR/emulator/usr/bin/qemu-arm-static" "$HOME_DIR/qemu-arm-static"
    rm -rf "$HOME_DIR"/qemu-user-static_*.deb "$HOME_DIR/emulator"
}

if works; then exit 0; fi
if [ "$ARCH" = i386 ]; then
    [ "$(uname -m)" = x86_64 ] || [ "$(uname -m)" = i686 ] || give_up "needs an x86 processor"
fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || give_up "needs Debian's apt-get"
mkdir -p "$HOME_DIR"
if [ "$ARCH" = armhf ] && [ ! -x "$HOME_DIR/qemu-arm-static" ]; then get_emulator; fi
download_from_any
unpack
write_program
works || give_up "$PROGRAM does not run: does this kernel run 32-bit programs?"
echo "MicroPython for $ARCH is in $HOME_DIR: $("$PROGRAM" -c 'import sys; print(sys.version)')"
