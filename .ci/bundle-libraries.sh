#!/bin/sh
# Copies a shared library, and those it needs beside the C library, into a folder in which each
# finds the others: bundle-libraries.sh LIBRARY FOLDER
set -eu
library=$1
folder=$2

mkdir -p "$folder"
cp "$library" "$folder"
# "NAME => PATH (ADDRESS)"; what has no path is the kernel's, or the loader itself.
ldd "$library" | sed -nE 's/^\s*(\S+) => (\/\S+) .*/\1 \2/p' | while read -r name path; do
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
