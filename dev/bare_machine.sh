#!/bin/bash
# Runs commands on a bare Debian 12: a new system of python3, python3-venv, make, git and nothing
# else, in a folder, with the repository as it is here (uncommitted work included) in /src.
#
#   dev/bare_machine.sh FOLDER COMMAND...        for example: dev/bare_machine.sh bare make test
#
# The first use makes FOLDER/base (about 300 MB, kept) and FOLDER/machine from it; further uses
# run in that machine until FOLDER/machine is removed. Needs root and debootstrap.
set -euo pipefail

[ $# -ge 2 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2; }
source=$(cd "$(dirname "$0")/.." && pwd -P)
mkdir -p "$1"
folder=$(cd "$1" && pwd -P)
machine=$folder/machine
shift

if [ ! -e "$folder/base/made" ]; then
    mirror=$(grep -hEo '^(URIs:|deb) +[^ ]+' /etc/apt/sources.list.d/debian.sources \
        /etc/apt/sources.list 2>/dev/null | sed 's/.* //' | head -n 1)
    rm -rf "$folder/base"
    debootstrap --variant=minbase --include=python3,python3-venv,make,git,ca-certificates \
        bookworm "$folder/base" "$mirror"
    touch "$folder/base/made"
fi
if [ ! -d "$machine" ]; then
    rm -rf "$machine.new"
    cp -a --reflink=auto "$folder/base" "$machine.new"
    # How this machine reaches package registries: names, certificates and clients' settings.
    cp /etc/resolv.conf /etc/hosts "$machine.new/etc/"
    cp /etc/ssl/certs/ca-certificates.crt "$machine.new/etc/ssl/certs/"
    for settings in /etc/pip.conf /etc/apt/sources.list.d/debian.sources /etc/apt/apt.conf.d/99*; do
        [ ! -f "$settings" ] || cp "$settings" "$machine.new$settings"
    done
    [ ! -f /etc/apt/sources.list.d/debian.sources ] || rm -f "$machine.new/etc/apt/sources.list"
    rm -rf "$machine.new/var/lib/apt/lists/"*
    mkdir "$machine.new/src"
    (cd "$source" && git ls-files -co --exclude-standard -z |
        while IFS= read -r -d '' path; do
            [ ! -e "$path" ] || cp --parents "$path" "$machine.new/src"
        done)
    git -C "$machine.new/src" init --quiet
    mv "$machine.new" "$machine"
fi

mount -t proc proc "$machine/proc"
mount --rbind /dev "$machine/dev"
mount --make-rslave "$machine/dev"
trap 'umount -l "$machine/proc"; umount -R -l "$machine/dev"' EXIT
# An environment as new as the machine, but for how pip trusts and waits.
kept=$(env | grep -E '^(PIP_[A-Z_]+|SSL_CERT_FILE|FULL|EXIT|SUMMARY|ARGS)=' | grep -v FIND_LINKS || true)
mapfile -t settings <<<"$kept"
env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM="${TERM:-dumb}" \
    "${settings[@]:-A=}" chroot "$machine" sh -c 'cd /src && exec "$@"' sh "$@"
