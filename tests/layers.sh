#!/bin/bash
# Checks the layers of src/: layers.sh [ROOT] looks at a tree, layers.sh
# --self-test shows on bad trees that each rule can fail.
#
# A file may include headers of its own top folder, rooms included, of the top
# folders listed for it below, and public headers; an outside library's header
# only where it is listed; file names are unique over src/, and no folder or room
# holds more than MOST_FILES files.
set -u

MOST_FILES=45

# Which top folders a top folder may include besides itself ("." is src/main.c).
declare -A below=(
    [base]=""
    [packet]="base"
    [capture]="base"
    [table]="base"
    [sort]="base"
    [label]="base packet capture flow"
    [flow]="base packet capture"
    [features]="base packet capture flow table"
    [dataset]="base packet capture table sort label flow"
    [tabulate]="base packet capture flow table features dataset report"
    [arrays]="base packet capture flow table dataset"
    [shard]="base packet capture table sort label flow dataset tabulate arrays"
    [report]="base packet capture table dataset"
    [publishing]="base packet capture flow table features dataset tabulate report"
    [wireshark]="base"
    [commandline]="base"
    [cmd]="base commandline packet capture table sort label flow features dataset tabulate arrays shard report publishing wireshark"
    [.]="base commandline packet capture table sort label flow features dataset tabulate arrays shard report publishing wireshark cmd"
    [python]=""
)

# Which files may include an outside library's header: extended regular expressions below src/.
declare -A users=(
    ["pcap.h"]="capture/libpcap/pcap_library\.h"
    ["pcap/"]="capture/libpcap/pcap_library\.h"
    ["csv.h"]="base/text/csv\.c"
    ["sodium"]="(base/[^.]*\.[ch]|packet/community_id\.c)"
    ["nettle/"]="(base/hash|packet/community_id)\.c"
    ["zlib.h"]="base/codec/(gzip_inflate_zlib|zip_reader|checksum)\.c"
    ["isa-l"]="base/codec/(gzip_inflate|checksum)_isal\.c"
    ["lzma"]="base/codec/xz_decoder\.c"
    ["lz4"]="base/codec/lz4_decoder\.c"
    ["bzlib"]="base/codec/bzip2_decoder\.c"
    ["libdeflate.h"]="base/codec/(bgzf|checksum_libdeflate)\.c"
    ["zstd"]="(base/codec/zstd_[^/]*|table/parquet/parquet_pages)\.c"
    ["jansson.h"]="base/text/[^/]*\.[ch]"
    ["sqlite3.h"]="base/io/sqlite_library\.h"
    ["xlsxwriter"]="table/xlsx_library\.h"
    ["png.h"]="arrays/outputs/png_library\.h"
    ["Python.h"]="python/[^.]*\.[ch]"
)

findings=0
complain() {
    echo "$1" >&2
    findings=$((findings + 1))
}

# "LINE:MARK:HEADER" of every include; the mark is the quote or angle that opens it.
includes_of() {
    grep -nE '^[[:space:]]*#[[:space:]]*include' "$1" |
        sed -E 's/^([0-9]+):[^"<]*(["<])([^">]*).*/\1:\2:\3/'
}

check_quoted() { # FILE LINE FOLDER HEADER
    local target=${4%%/*}
    [ -e "src/$4" ] || { complain "$1:$2: \"$4\" is not a file below src/"; return; }
    [ "$target" != "$4" ] || target=.
    case " $3 ${below[$3]} " in
    *" $target "*) ;;
    *) complain "$1:$2: $3/ may not include \"$4\"" ;;
    esac
}

check_angled() { # FILE LINE FOLDER HEADER
    local library
    case $4 in
    labelcap/*)
        [ -e "include/$4" ] || complain "$1:$2: <$4> is not a file below include/"
        return
        ;;
    esac
    if [ "$3" = public ]; then
        check_public_angled "$1" "$2" "$4"
        return
    fi
    for library in "${!users[@]}"; do
        case $4 in
        "$library"*)
            [[ ${1#src/} =~ ^${users[$library]}$ ]] ||
                complain "$1:$2: <$4> belongs to other files: ${users[$library]}"
            ;;
        esac
    done
}

# A public header stands on C alone.
check_public_angled() { # FILE LINE HEADER
    case $3 in
    stdbool.h | stddef.h | stdint.h | stdio.h) ;;
    *) complain "$1:$2: a public header may include only <labelcap/...> and plain C, not <$3>" ;;
    esac
}

check_sources() {
    local file folder line mark header
    while IFS= read -r file; do
        folder=${file#src/}
        case $folder in
        */*) folder=${folder%%/*} ;;
        *) folder=. ;;
        esac
        if [ -z "${below[$folder]+known}" ]; then
            complain "$file: folder $folder/ has no place in the layers"
            continue
        fi
        while IFS=: read -r line mark header; do
            if [ "$mark" = '"' ]; then
                check_quoted "$file" "$line" "$folder" "$header"
            else
                check_angled "$file" "$line" "$folder" "$header"
            fi
        done < <(includes_of "$file")
    done < <(find src -name '*.[ch]' | sort)
}

check_public_headers() {
    local file line mark header
    for file in include/labelcap/*.h; do
        while IFS=: read -r line mark header; do
            if [ "$mark" = '"' ]; then
                complain "$file:$line: a public header may not include \"$header\""
            else
                check_angled "$file" "$line" public "$header"
            fi
        done < <(includes_of "$file")
    done
}

check_unique_names() {
    local name
    while IFS= read -r name; do
        complain "src: several files are called $name: $(find src -name "$name" | sort | paste -sd' ')"
    done < <(find src -name '*.[ch]' -printf '%f\n' | sort | uniq -d)
}

# A folder that outgrows a screen wants rooms.
check_room_sizes() {
    local folder files
    while IFS= read -r folder; do
        files=$(find "$folder" -maxdepth 1 -name '*.[ch]' | wc -l)
        [ "$files" -le "$MOST_FILES" ] ||
            complain "$folder: holds $files files, more than $MOST_FILES: it wants rooms"
    done < <(find src -type d | sort)
}

check_tree() {
    findings=0
    check_sources
    check_public_headers
    check_unique_names
    check_room_sizes
    [ "$findings" -eq 0 ]
}

# One bad line each; the tree around them is sound.
self_test() {
    local missed=0 tree errors file line
    tree=$(mktemp -d)
    # shellcheck disable=SC2064 # the name as it is now
    trap "rm -rf '$tree'" EXIT
    cd "$tree" || exit 1
    fresh_tree() {
        rm -rf src include
        mkdir -p src/{base/io,packet,capture/libpcap,label,sort,table,features/measure,commandline,cmd,python} include/labelcap
        touch src/base/bytes.h src/base/io/input.h src/capture/reader.h src/label/rules.h src/sort/sorter.h \
            src/packet/fragments.h src/features/measure/bulk.h src/commandline/command.h
        echo '#include <stdint.h>' >include/labelcap/error.h
        printf '#include "base/bytes.h"\n#include <labelcap/error.h>\n' >src/label/rules.c
        printf '#include <pcap/pcap.h>\n' >src/capture/libpcap/pcap_library.h
        printf '#include <Python.h>\n#include <labelcap/error.h>\n' >src/python/module.c
        printf '#include "features/measure/bulk.h"\n#include "base/io/input.h"\n' >src/features/extractor.c
        printf '#include "commandline/command.h"\n' >src/main.c
    }
    fresh_tree
    check_tree || { echo "self-test: a sound tree is refused" >&2; missed=1; }
    while IFS='|' read -r file line; do
        fresh_tree
        echo "$line" >>"$file"
        if errors=$(check_tree 2>&1); then
            echo "self-test: not noticed in $file: $line" >&2
            missed=1
        elif [ "$(wc -l <<<"$errors")" -ne 1 ]; then
            echo "self-test: $file: $line: more than one finding: $errors" >&2
            missed=1
        fi
    done <<'CASES'
src/base/up.c|#include "capture/reader.h"
src/capture/up.c|  #  include "label/rules.h"
src/label/sideways.c|#include "sort/sorter.h"
src/label/up.c|#include "commandline/command.h"
src/label/libpcap.c|#include <pcap.h>
src/capture/reader.c|#include <pcap/bpf.h>
src/packet/sideways.c|#include "capture/reader.h"
src/capture/sideways.c|#include "packet/fragments.h"
src/base/io/up.c|#include "packet/fragments.h"
src/features/measure/up.c|#include "commandline/command.h"
src/label/table.c|#include <sqlite3.h>
src/table/table_rows.c|#include <sqlite3.h>
src/base/text.c|#include <csv.h>
src/sort/hash.c|#include <sodium.h>
src/packet/address_text.c|#include <sodium/utils.h>
src/sort/hash.c|#include <nettle/sha2.h>
src/cmd/cmd_sort.c|#include <zstd.h>
src/cmd/cmd_split.c|#include <zlib.h>
src/base/io/output.c|#include <libdeflate.h>
src/capture/json.c|#include <jansson.h>
src/cmd/cmd_flows.c|#include <xlsxwriter.h>
src/cmd/module.h|#include <Python.h>
src/python/inner.c|#include "base/bytes.h"
src/base/missing.c|#include "base/nowhere.h"
src/base/unqualified.c|#include "bytes.h"
src/label/bytes.h|/* the name is taken */
include/labelcap/capture.h|#include "base/bytes.h"
include/labelcap/capture.h|#include <pcap.h>
include/labelcap/capture.h|#include <unistd.h>
include/labelcap/capture.h|#include <labelcap/nowhere.h>
CASES
    fresh_tree
    for file in $(seq "$MOST_FILES"); do
        touch "src/base/io/part_$file.c"
    done
    if check_tree 2>/dev/null; then
        echo "self-test: a folder of too many files is not noticed" >&2
        missed=1
    fi
    return "$missed"
}

if [ "${1-}" = --self-test ]; then
    self_test
else
    cd "${1-$(dirname "$0")/..}" || exit 1
    check_tree
fi
