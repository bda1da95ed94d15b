#!/bin/sh
# Debian packages for working on nbuf; run as root. Does nothing when all are there.
#   build-essential, python3   node-gyp, the header tests and the native tests
#   cmake                      cmake-js, the native tests and sanitizers
#   clang, libclang-rt-dev     the fuzzer of formats (scripts/fuzz.mjs)
#   python3-numpy              the oracles of layouts, formats and .npy files
#   python3-pil                the oracle of images made of row pointers
# Without the last two their tests are left out. They look for them in /usr/bin/python3;
# NBUF_PYTHON names another one.
set -eu

packages='build-essential python3 cmake clang libclang-rt-dev python3-numpy python3-pil'
missing=''
for package in $packages; do
  state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$state" = 'install ok installed' ] || missing="$missing $package"
done
if [ -z "$missing" ]; then
  echo 'debian-packages: all are installed'
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "debian-packages: run as root to install:$missing" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # a list of words
apt-get install -q -y --no-install-recommends $missing
