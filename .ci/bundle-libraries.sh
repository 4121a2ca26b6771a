#!/bin/sh
# Copies shared libraries, and those they need beside the C library, into a folder in which each
# finds the others: bundle-libraries.sh FOLDER LIBRARY...
set -eu
folder=$1
shift

mkdir -p "$folder"
for library; do
    cp -L "$library" "$folder/$(patchelf --print-soname "$library")"
done
# "NAME => PATH (ADDRESS)"; what has no path is the kernel's, or the loader itself.
ldd "$@" | sed -nE 's/^\s*(\S+) => (\/\S+) .*/\1 \2/p' | sort -u | while read -r name path; do
    case $name in
    libc.so.* | libm.so.* | libpthread.so.* | libdl.so.* | librt.so.* | libresolv.so.*) ;;
    *) cp -L "$path" "$folder/$name" ;;
    esac
done
chmod 644 "$folder"/*
strip --strip-unneeded "$folder"/*
for file in "$folder"/*; do
    # shellcheck disable=SC2016 # for the loader
    patchelf --set-rpath '$ORIGIN' "$file"
done
