# labelcap: `make demo` and `make check` do their whole set-up; `make` only builds.
# `make help` lists the targets.

VERSION := $(shell sed -n 's/^\#define LCAP_VERSION "\(.*\)"$$/\1/p' include/labelcap/version.h)
# Rises with every change after which programs must be built anew.
SONAME_VERSION := 1

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
# Where Wireshark looks for scripts and profiles; empty without a tshark to ask.
wireshark_folder = $(shell tshark -G folders 2>/dev/null | sed -n 's/^$(1):[[:space:]]*//p')
WIRESHARK_PLUGINDIR ?= $(call wireshark_folder,Global Lua Plugins)
WIRESHARK_PROFILE ?= $(call wireshark_folder,Global configuration)/profiles/labelcap
# A prefix of one user does not reach these folders: 'labelcap wireshark --install' does.
WIRESHARK_SYSTEM = $(if $(DESTDIR)$(filter /usr /usr/local,$(PREFIX)),$(WIRESHARK_PLUGINDIR))

BUILD ?= build
# The interpreter for which `make python` builds the module.
PYTHON ?= /usr/bin/python3
CC ?= cc
OBJCOPY ?= objcopy
OPTIMISE ?= -O2
CFLAGS ?= -g
WERROR ?=
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wformat=2 -Wundef -Wvla -Wwrite-strings $(WERROR)
CPPFLAGS += -D_GNU_SOURCE -Iinclude -Isrc
ALL_CFLAGS := -std=c11 $(OPTIMISE) $(CFLAGS) $(WARNINGS) -fvisibility=hidden -fPIC -MMD -MP
LDLIBS += -lcsv -lsodium -lnettle -lz -ldeflate -lzstd -llzma -llz4 -lbz2 -ljansson -lm
# ISA-L reads streams of gzip and takes checksums where there is one, otherwise zlib and libdeflate
# do; ISAL= chooses those.
ISAL ?= $(shell pkg-config --exists libisal 2>/dev/null && echo yes)
LDLIBS += $(if $(ISAL),-lisal)
ISAL_SRC := src/base/codec/gzip_inflate_isal.c src/base/codec/checksum_isal.c
NO_ISAL_SRC := src/base/codec/gzip_inflate_zlib.c src/base/codec/checksum_libdeflate.c
OTHER_ISAL_SRC := $(if $(ISAL),$(NO_ISAL_SRC),$(ISAL_SRC))
# WITHOUT=xlsx builds a program without libxlsxwriter, which cannot write XLSX.
WITHOUT ?=
HAS_XLSX := $(if $(filter xlsx,$(WITHOUT)),,yes)
# The library does without it, so that its users need not install it.
# WITHOUT=png builds both without libpng, so that they cannot write images; WITHOUT='xlsx png', neither.
HAS_PNG := $(if $(filter png,$(WITHOUT)),,yes)
# These are not linked: each is loaded where it is first needed, and so is libxlsxwriter.
LOADED := pcap sqlite3 $(if $(HAS_PNG),png)
XLSX_SRC := $(addprefix src/table/,table_xlsx.c xlsx_book.c xlsx_check.c xlsx_library.c) \
	src/base/codec/zip_reader.c
PNG_SRC := $(addprefix src/arrays/outputs/,output_png.c png_library.c class_names.c)
NO_XLSX_SRC := src/table/table_no_xlsx.c
NO_PNG_SRC := src/arrays/outputs/output_no_png.c
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

JOBS ?= $(shell nproc)
# For the inner makes of targets with several steps: parallel, unless the user has set -j.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))

# Seconds that `make fuzz` spends on all targets together.
FUZZ_SECONDS ?= 60

# Debian packages: to build, to test, to check the code, to compare with in the bench.
HAS_ISAL := $(filter amd64 arm64,$(shell dpkg --print-architecture 2>/dev/null))
BUILD_PACKAGES := pkg-config libpcap-dev libcsv-dev libsodium-dev nettle-dev zlib1g-dev libdeflate-dev libzstd-dev \
	liblzma-dev liblz4-dev libbz2-dev $(if $(HAS_ISAL),libisal-dev) \
	libjansson-dev libsqlite3-dev $(if $(HAS_XLSX),libxlsxwriter-dev) \
	$(if $(HAS_PNG),libpng-dev)
# A header of each; what is missing is told before anything is compiled.
LIBRARY_HEADERS := pcap.h csv.h sodium.h nettle/sha2.h zlib.h libdeflate.h zstd.h lzma.h lz4frame.h bzlib.h \
	jansson.h sqlite3.h $(if $(HAS_XLSX),xlsxwriter.h) $(if $(HAS_PNG),png.h)
TEST_PACKAGES := libcmocka-dev g++ tshark tcpdump wireshark-common python3-pytest \
	python3-pytest-xdist python3-scapy python3-dpkt python3-pandas python3-openpyxl python3-sklearn python3-numpy python3-pyld python3-yaml gzip zstd xz-utils lz4 bzip2 tabix man-db strace iproute2 e2fsprogs
PYTHON_PACKAGES := python3-dev
WHEEL_PACKAGES := python3-setuptools python3-wheel patchelf
NPM_PACKAGES := nodejs npm
HEAVY_PACKAGES := mypy python3-venv python3-dbg python3-torch chromium chromium-driver python3-selenium \
	slurm-wlm munge parallel
FUZZ_PACKAGES := clang libclang-rt-14-dev llvm
LINT_PACKAGES := clang clang-format clang-tidy cppcheck shellcheck
COVERAGE_PACKAGES := gcovr
DEMO_PACKAGES := tcpdump tshark
BENCH_PACKAGES := tcpdump wireshark-common tshark argus-server nfdump gzip tabix zstd \
	$(if $(HAS_ISAL),isal) python3-dpkt python3-scapy
INSTALL_PACKAGES := .ci/install-packages.sh

LIB_DIRS := base packet capture table sort label flow features dataset tabulate arrays shard report \
	publishing
ALL_SRC := $(filter-out $(OTHER_ISAL_SRC),\
	$(foreach dir,$(LIB_DIRS),$(wildcard src/$(dir)/*.c src/$(dir)/*/*.c)))
CMD_SRC := $(wildcard src/commandline/*.c src/cmd/*.c src/cmd/*/*.c src/wireshark/*.c) src/main.c
object = $(1:src/%.c=$(BUILD)/obj/%.o)
# Files that are carried as they are, each under the name of its path below its folder.
PAGE_FILES := page.css page.js
PAGE_OBJ := $(BUILD)/obj/page.o
OTHER_PNG_SRC := $(if $(HAS_PNG),$(NO_PNG_SRC),$(PNG_SRC))
LIB_OBJ := $(PAGE_OBJ) $(call object,$(filter-out $(XLSX_SRC) $(OTHER_PNG_SRC),$(ALL_SRC)))
ALL_OBJ := $(PAGE_OBJ) $(call object,$(filter-out $(if $(HAS_XLSX),$(NO_XLSX_SRC),$(XLSX_SRC)) \
	$(OTHER_PNG_SRC),$(ALL_SRC)))
# The same objects: a test is linked with those that it needs, in less than half the time.
ALL_ARCHIVE := $(BUILD)/obj/all.a
WIRESHARK_FILES := labelcap.lua $(addprefix profile/,colorfilters dfilter_buttons preferences)
WIRESHARK_OBJ := $(BUILD)/obj/wireshark.o
CMD_OBJ := $(call object,$(CMD_SRC)) $(WIRESHARK_OBJ)
PUBLIC_HEADERS := $(wildcard include/labelcap/*.h)
MAN_PAGES := $(wildcard docs/man/*.[157])

LIB_ONE_OBJ := $(BUILD)/labelcap.o
STATIC_LIB := $(BUILD)/liblabelcap.a
SHARED_LIB := $(BUILD)/liblabelcap.so.$(SONAME_VERSION)
PROGRAM := $(BUILD)/labelcap
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_REPLAYS := $(patsubst tests/fuzz/%.c,$(BUILD)/replay/%,$(FUZZ_SRC))
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzzers/%,$(FUZZ_SRC))

QUIET = $(if $(V),,@echo "  $(1)  $@";)

.PHONY: all
all: $(PROGRAM) $(STATIC_LIB) $(SHARED_LIB)

HEADERS_FOUND := $(BUILD)/obj/headers$(if $(HAS_XLSX),,-without-xlsx)$(if $(HAS_PNG),,-without-png)
$(HEADERS_FOUND):
	@mkdir -p $(@D)
	@CC='$(CC) $(CPPFLAGS)' .ci/find-headers.sh $(LIBRARY_HEADERS) || { echo \
		"'make deps' installs what is missing, or this as root:" \
		"apt-get install $(BUILD_PACKAGES)" >&2; exit 1; }
	@touch $@

$(BUILD)/obj/%.o: src/%.c | $(HEADERS_FOUND)
	@mkdir -p $(@D)
	$(call QUIET,CC  )$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(WIRESHARK_OBJ): $(addprefix src/wireshark/,$(WIRESHARK_FILES))
	@mkdir -p $(@D)
	$(call QUIET,DATA)cd src/wireshark && $(LD) -r -b binary -z noexecstack -o $(abspath $@) $(WIRESHARK_FILES)

$(PAGE_OBJ): $(addprefix src/report/,$(PAGE_FILES))
	@mkdir -p $(@D)
	$(call QUIET,DATA)cd src/report && $(LD) -r -b binary -z noexecstack -o $(abspath $@) $(PAGE_FILES)

# Users of the archive see what users of the shared object see: one object that keeps only the
# public names global. What is built here links the objects themselves, names inside and all.
$(LIB_ONE_OBJ): $(LIB_OBJ)
	$(call QUIET,LINK)$(LD) -r -o $@ $^
	@$(OBJCOPY) --wildcard --keep-global-symbol='lcap_*' $@

$(STATIC_LIB): $(LIB_ONE_OBJ)
	@rm -f $@
	$(call QUIET,AR  )$(AR) rcs $@ $<

$(SHARED_LIB): $(LIB_OBJ) src/labelcap.map
	$(call QUIET,LINK)$(CC) -shared -Wl,-soname,$(@F) -Wl,--version-script=src/labelcap.map \
		$(CFLAGS) $(LDFLAGS) -o $@ $(LIB_OBJ) $(LDLIBS)
	@ln -sf $(@F) $(BUILD)/liblabelcap.so

# Packed relocations spare every command a tenth of a start.
PROGRAM_LDFLAGS := -Wl,-z,pack-relative-relocs
$(PROGRAM): $(CMD_OBJ) $(ALL_OBJ)
	$(call QUIET,LINK)$(CC) $(CFLAGS) $(PROGRAM_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(ALL_ARCHIVE): $(ALL_OBJ)
	@rm -f $@
	$(call QUIET,AR  )$(AR) rcsT $@ $^

$(BUILD)/tests/%: tests/unit/%.c $(ALL_ARCHIVE)
	@mkdir -p $(@D)
	$(call QUIET,TEST)$(CC) $(CPPFLAGS) -Itests/unit $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(filter %.o,$^) \
		$(ALL_ARCHIVE) -lcmocka $(addprefix -l,$(LOADED)) $(LDLIBS)

# Command lines are parsed outside the library.
$(BUILD)/tests/test_options: $(filter-out %/main.o,$(CMD_OBJ))

# A fuzz target with a main of its own, which runs the files it is given. It has all objects, so that
# `make fuzz-coverage` counts those, too, that no target needs.
$(BUILD)/replay/%: tests/fuzz/%.c $(BUILD)/replay/replay_main.o $(ALL_OBJ)
	$(call QUIET,FUZZ)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< \
		$(BUILD)/replay/replay_main.o $(ALL_OBJ) $(LDLIBS)

$(BUILD)/replay/replay_main.o: tests/fuzz/replay_main.c
	@mkdir -p $(@D)
	$(call QUIET,CC  )$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# The same target under libFuzzer; `make fuzz` sets CC and CFLAGS for it.
$(BUILD)/fuzzers/%: tests/fuzz/%.c $(ALL_ARCHIVE)
	@mkdir -p $(@D)
	$(call QUIET,FUZZ)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $< $(ALL_ARCHIVE) $(LDLIBS)

.PHONY: unit-tests fuzz-replays fuzzers
unit-tests: $(UNIT_TESTS)
fuzz-replays: $(FUZZ_REPLAYS)
fuzzers: $(FUZZERS)

## Python

PYTHON_SRC := $(wildcard src/python/*.c src/python/*/*.c)
PYTHON_OBJ := $(PYTHON_SRC:src/python/%.c=$(BUILD)/obj/python$(subst /,-,$(PYTHON))/%.o)
PYTHON_DIR := $(BUILD)/python
# Asked only when needed: where its headers are, and how names of its modules end.
python_path = $(shell $(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))')
python_suffix = $(shell $(PYTHON) -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')
PYTHON_MODULE = $(PYTHON_DIR)/labelcap/__init__$(python_suffix)

# Texts of slots and names of arguments are not const in Python.h.
$(BUILD)/obj/python$(subst /,-,$(PYTHON))/%.o: src/python/%.c
	@mkdir -p $(@D)
	$(call QUIET,CC  )$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -Wno-write-strings -I$(python_path) -c -o $@ $<

# A package whose __init__ is the extension, so that its stubs lie beside it.
# link_module FOLDER,RPATH
define link_module
	@mkdir -p $(1)/labelcap
	@install -m 644 src/python/labelcap.pyi $(1)/labelcap/__init__.pyi
	@install -m 644 /dev/null $(1)/labelcap/py.typed
	@install -m 644 src/python/pcapML.py $(1)
	@echo '  LINK  $(1)/labelcap/__init__$(python_suffix)'
	@$(CC) -shared $(CFLAGS) $(LDFLAGS) -Wl,-rpath,'$(2)' -o $(1)/labelcap/__init__$(python_suffix) \
		$(PYTHON_OBJ) -L$(BUILD) -llabelcap
endef

.PHONY: python
python: $(PYTHON_OBJ) $(SHARED_LIB)
	$(call link_module,$(PYTHON_DIR),$$ORIGIN/../..)

# With copies of the libraries that it needs, packed by setuptools and wheel of PYTHON.
WHEEL_DIR := $(BUILD)/wheel
.PHONY: wheel
wheel: $(PYTHON_OBJ) $(SHARED_LIB)
	@$(INSTALL_PACKAGES) $(WHEEL_PACKAGES)
	@rm -rf $(WHEEL_DIR)
	$(call link_module,$(WHEEL_DIR),$$ORIGIN/libs)
	@strip --strip-unneeded $(WHEEL_DIR)/labelcap/*.so
	@.ci/bundle-libraries.sh $(WHEEL_DIR)/labelcap/libs $(SHARED_LIB) \
		$$(for name in $(LOADED); do $(CC) -print-file-name=lib$$name.so; done)
	@cp src/python/setup.py LICENSE $(WHEEL_DIR)
	@cd $(WHEEL_DIR) && LABELCAP_VERSION=$(VERSION) $(PYTHON) -W ignore setup.py --quiet bdist_wheel 2>/dev/null
	@echo "  WHEEL $$(ls $(WHEEL_DIR)/dist/*.whl)"

## Tests

.PHONY: check sanitize coverage
check: deps
	@$(MAKE) --no-print-directory $(PARALLEL) all python $(if $(OUTSIDE),,unit-tests fuzz-replays)
	@tests/check.sh $(BUILD) $(if $(OUTSIDE),outside)

# Parquet and Arrow by readers from npm, which are installed below the build; pages by Chromium; shards by
# Slurm and GNU parallel.
.PHONY: check-heavy
check-heavy: READERS := $(BUILD)/readers
check-heavy: deps
	@command -v npm >/dev/null || $(INSTALL_PACKAGES) $(NPM_PACKAGES)
	@$(INSTALL_PACKAGES) $(HEAVY_PACKAGES)
	@$(MAKE) --no-print-directory $(PARALLEL) all python wheel
	@$(MAKE) --no-print-directory $(PARALLEL) python PYTHON=/usr/bin/python3-dbg
	@mkdir -p $(READERS)
	@cp tests/cli/heavy/*.json tests/cli/heavy/*.mjs $(READERS)
	@cd $(READERS) && npm ci --silent --no-audit --no-fund
	@LABELCAP_HEAVY=1 tests/check.sh $(BUILD) outside tests/cli/heavy

# The tests from outside; the unit tests and corpora are run under clang's sanitizers, which see more.
# Without relocations and with the sanitizers' static libraries, a command starts in two thirds of the time.
sanitize:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/sanitize OPTIMISE=-O1 \
		CFLAGS='-g -fno-omit-frame-pointer $(SANITIZE)' OUTSIDE=yes \
		PROGRAM_LDFLAGS='-no-pie -static-libasan -static-libubsan' check

# The build is that of the fuzzers.
CLANG_BUILD := BUILD=$(BUILD)/fuzz CC=clang OPTIMISE=-O1 \
	CFLAGS='-g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link $(SANITIZE)'
.PHONY: sanitize-clang
sanitize-clang:
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(TEST_PACKAGES) $(FUZZ_PACKAGES)
	@$(MAKE) --no-print-directory $(PARALLEL) $(CLANG_BUILD) all unit-tests fuzz-replays
	@tests/check.sh $(BUILD)/fuzz units

# What runs in several threads, under ThreadSanitizer.
.PHONY: sanitize-threads
sanitize-threads: THREADS_BUILD := $(BUILD)/sanitize-threads
sanitize-threads:
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(TEST_PACKAGES)
	@$(MAKE) --no-print-directory $(PARALLEL) BUILD=$(THREADS_BUILD) OPTIMISE=-O1 \
		CFLAGS='-g -fsanitize=thread' $(THREADS_BUILD)/labelcap $(THREADS_BUILD)/tests/test_pipeline \
		$(THREADS_BUILD)/tests/test_flow_lanes
	@$(THREADS_BUILD)/tests/test_pipeline
	@$(THREADS_BUILD)/tests/test_flow_lanes
	@tests/check.sh $(THREADS_BUILD) outside tests/cli/test_threads.py tests/cli/flows/test_flow_threads.py \
		tests/cli/arrays/test_pieces.py

# Only a report: tests that run as another user fail here, because that user cannot write the counts.
coverage:
	@$(INSTALL_PACKAGES) $(COVERAGE_PACKAGES)
	-@$(MAKE) --no-print-directory BUILD=$(BUILD)/coverage OPTIMISE=-O0 CFLAGS='-g --coverage' check
	@gcovr --root . --filter src/ --sort-percentage $(BUILD)/coverage

# Fails every call of a kind in turn; the check tries a few of each.
.PHONY: faults
faults: deps
	@$(MAKE) --no-print-directory $(PARALLEL) all
	@LABELCAP_FAULTS=0 LABELCAP_BUILD=$(abspath $(BUILD)) LC_ALL=C /usr/bin/python3 -m pytest -q \
		-n $(JOBS) tests/cli/reliability/test_nth_fault.py

.PHONY: fuzz
fuzz:
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(FUZZ_PACKAGES)
	@$(MAKE) --no-print-directory $(PARALLEL) $(CLANG_BUILD) fuzzers
	@tests/fuzz/run.sh $(BUILD)/fuzz $(FUZZ_SECONDS)

# The lines of the library that the fuzz corpora reach.
.PHONY: fuzz-coverage
fuzz-coverage:
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(FUZZ_PACKAGES)
	@$(MAKE) --no-print-directory $(PARALLEL) BUILD=$(BUILD)/fuzz-coverage CC=clang OPTIMISE=-O0 \
		CFLAGS='-fprofile-instr-generate -fcoverage-mapping' fuzz-replays
	@tests/fuzz/coverage.sh $(BUILD)/fuzz-coverage

.PHONY: lint
lint:
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(PYTHON_PACKAGES) $(LINT_PACKAGES)
	@tests/lint.sh $(JOBS)

.PHONY: bench
bench:
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(BENCH_PACKAGES)
	@$(MAKE) --no-print-directory $(PARALLEL) all python
	@LABELCAP_BUILD=$(abspath $(BUILD)) /usr/bin/python3 tests/bench/bench.py

.PHONY: demo
demo:
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(DEMO_PACKAGES)
	@$(MAKE) --no-print-directory $(PARALLEL) all
	@tests/demo.sh $(BUILD)

# The pages about profiles are output of the program.
PROFILES := labelcap nexusflowmeter netflowmeter pcap2json
.PHONY: docs
docs: $(PROGRAM)
	@mkdir -p docs/profiles
	@$(foreach profile,$(PROFILES),$(PROGRAM) flows --describe $(profile) > docs/profiles/$(profile).md &&) true

## Set-up

.PHONY: deps
deps:
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(PYTHON_PACKAGES) $(TEST_PACKAGES)

LIB_FILE := liblabelcap.so.$(VERSION)
PC_FILE := $(LIBDIR)/pkgconfig/labelcap.pc

.PHONY: install uninstall
install: all
	@install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/labelcap \
		$(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(ZSHCOMPDIR) || { echo 'This needs root (sudo make' \
		'install), or a place of your own: make install PREFIX=$$HOME/.local' >&2; exit 1; }
	install -m 755 $(PROGRAM) $(DESTDIR)$(BINDIR)/labelcap
	ln -sf labelcap $(DESTDIR)$(BINDIR)/pcapml
	install -m 644 $(STATIC_LIB) $(DESTDIR)$(LIBDIR)/liblabelcap.a
	install -m 755 $(SHARED_LIB) $(DESTDIR)$(LIBDIR)/$(LIB_FILE)
	ln -sf $(LIB_FILE) $(DESTDIR)$(LIBDIR)/liblabelcap.so.$(SONAME_VERSION)
	ln -sf liblabelcap.so.$(SONAME_VERSION) $(DESTDIR)$(LIBDIR)/liblabelcap.so
	install -m 644 $(PUBLIC_HEADERS) $(DESTDIR)$(INCLUDEDIR)/labelcap
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' -e 's|@LIBRARIES@|$(strip $(LDLIBS))|' src/labelcap.pc.in > $(DESTDIR)$(PC_FILE)
	$(foreach page,$(MAN_PAGES),install -D -m 644 $(page) \
		$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)) &&) true
	$(PROGRAM) completion bash > $(DESTDIR)$(BASHCOMPDIR)/labelcap
	$(PROGRAM) completion zsh > $(DESTDIR)$(ZSHCOMPDIR)/_labelcap
	chmod 644 $(DESTDIR)$(PC_FILE) $(DESTDIR)$(BASHCOMPDIR)/labelcap $(DESTDIR)$(ZSHCOMPDIR)/_labelcap
	$(if $(WIRESHARK_SYSTEM),install -D -m 644 src/wireshark/labelcap.lua $(DESTDIR)$(WIRESHARK_SYSTEM)/labelcap.lua)
	$(if $(WIRESHARK_SYSTEM),install -D -m 644 -t $(DESTDIR)$(WIRESHARK_PROFILE) src/wireshark/profile/*)
	@if [ -e '$(python_path)/Python.h' ]; then $(MAKE) --no-print-directory install-python; \
		else echo 'The Python module is not installed: there is no Python.h for $(PYTHON).'; fi
	@# The loader finds a new library only after its cache is rebuilt.
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" -ne 0 ] || ldconfig || true

# Where Debian's interpreter looks for modules.
python_version = $(shell $(PYTHON) -c 'import sysconfig; print(sysconfig.get_python_version())')
PYTHONDIR ?= $(if $(filter /usr,$(PREFIX)),/usr/lib/python3,$(PREFIX)/lib/python$(python_version))/dist-packages
.PHONY: install-python
install-python: $(PYTHON_OBJ) $(SHARED_LIB)
	$(call link_module,$(DESTDIR)$(PYTHONDIR),$(LIBDIR))

uninstall:
	rm -rf $(DESTDIR)$(PYTHONDIR)/labelcap $(DESTDIR)$(PYTHONDIR)/pcapML.py
	$(if $(WIRESHARK_SYSTEM),rm -rf $(DESTDIR)$(WIRESHARK_SYSTEM)/labelcap.lua $(DESTDIR)$(WIRESHARK_PROFILE))
	rm -f $(DESTDIR)$(BINDIR)/labelcap $(DESTDIR)$(BINDIR)/pcapml \
		$(DESTDIR)$(LIBDIR)/liblabelcap.a $(DESTDIR)$(LIBDIR)/$(LIB_FILE) \
		$(DESTDIR)$(LIBDIR)/liblabelcap.so.$(SONAME_VERSION) $(DESTDIR)$(LIBDIR)/liblabelcap.so \
		$(DESTDIR)$(PC_FILE) $(DESTDIR)$(BASHCOMPDIR)/labelcap $(DESTDIR)$(ZSHCOMPDIR)/_labelcap \
		$(addprefix $(DESTDIR)$(INCLUDEDIR)/labelcap/,$(notdir $(PUBLIC_HEADERS))) \
		$(foreach page,$(MAN_PAGES),\
			$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))
	-rmdir $(DESTDIR)$(INCLUDEDIR)/labelcap

.PHONY: clean
clean:
	rm -rf $(BUILD)

.PHONY: help
help:
	@echo 'make            build $(PROGRAM) and the libraries'
	@echo 'make python     build the Python module in $(PYTHON_DIR) for PYTHON ($(PYTHON))'
	@echo 'make wheel      pack it with all that it needs, in $(WHEEL_DIR)/dist'
	@echo 'make demo       label, sort, inspect and split the bundled captures'
	@echo 'make check      all tests'
	@echo 'make check-heavy  Parquet and Arrow, read by others; pages in Chromium; Slurm'
	@echo 'make deps       install the Debian packages that are missing to build and test'
	@echo 'make install    install into PREFIX ($(PREFIX)), below DESTDIR; uninstall undoes it'
	@echo 'make docs       regenerate the pages about profiles'
	@echo 'make bench      measure speed and memory, beside cp, tcpdump, argus, bgzip and others'
	@echo 'make sanitize   the tests from outside under AddressSanitizer and UndefinedBehaviorSanitizer'
	@echo 'make sanitize-clang  the unit tests and corpora under those of clang'
	@echo 'make faults     fail every allocation, write, read, sync, rename, close and seek in turn'
	@echo 'make sanitize-threads  what runs in several threads, under ThreadSanitizer'
	@echo 'make fuzz       fuzz for FUZZ_SECONDS ($(FUZZ_SECONDS)) in all'
	@echo 'make fuzz-coverage  the lines of the library that the fuzz corpora reach'
	@echo 'make lint       clang-format, clang-tidy, cppcheck, shellcheck'
	@echo 'make coverage   all tests, and which lines they reach'
	@echo 'make clean      remove $(BUILD)'
	@echo 'WITHOUT=xlsx    build without libxlsxwriter: the program cannot write XLSX then'
	@echo 'WITHOUT=png     the same without libpng, for images'
	@echo 'Variables: BUILD, CC, CFLAGS, WERROR=-Werror, V=1 to see the commands'

-include $(sort $(LIB_OBJ:.o=.d) $(ALL_OBJ:.o=.d)) $(CMD_OBJ:.o=.d) $(UNIT_TESTS:=.d) $(FUZZ_REPLAYS:=.d) $(FUZZERS:=.d) $(PYTHON_OBJ:.o=.d)
