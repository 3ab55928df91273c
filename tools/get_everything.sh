#!/usr/bin/env bash
# Get what only Debian has, for the tests that would be skipped without it: Chromium with its
# driver, mosquitto with its clients, and a 32-bit MicroPython for PC and for ARM. Quick when all
# of it is there.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly PACKAGES='chromium chromium-driver mosquitto mosquitto-clients'

give_up() {
    echo "get_everything: $*" >&2
    exit 1
}

is_installed() { [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

command -v apt-get >/dev/null || give_up "needs Debian's apt-get; the tests without these are skipped"
missing=
for package in $PACKAGES; do
    is_installed "$package" || missing="$missing $package"
done
if [ -n "$missing" ]; then
    [ "$(id -u)" = 0 ] || give_up "must be root to install$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get --quiet=2 update
    # shellcheck disable=SC2086 # one word a package
    apt-get --quiet=2 --yes install --no-install-recommends $missing >/dev/null
fi
tools/get_micropython.sh i386
tools/get_micropython.sh armhf
