# labelcap: `make demo` and `make check` do their whole set-up; `make` only builds.

VERSION := 0.1.0
SONAME_VERSION := 0

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions

BUILD ?= build
CC ?= cc
OPTIMISE ?= -O2
CFLAGS ?= -g
WERROR ?=
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wformat=2 -Wundef -Wvla -Wwrite-strings $(WERROR)
CPPFLAGS += -D_GNU_SOURCE -Iinclude -Isrc -DLABELCAP_VERSION='"$(VERSION)"'
ALL_CFLAGS := -std=c11 $(OPTIMISE) $(CFLAGS) $(WARNINGS) -fvisibility=hidden -fPIC -MMD -MP
LDLIBS += -lpcap -lcsv -lsodium -lz -lzstd

# Debian packages: to build, to test, to check the code, to compare with in the bench.
BUILD_PACKAGES := pkg-config libpcap-dev libcsv-dev libsodium-dev zlib1g-dev libzstd-dev
TEST_PACKAGES := libcmocka-dev g++ tshark tcpdump wireshark-common python3-pytest \
	python3-pytest-xdist python3-scapy python3-dpkt python3-pandas gzip zstd man-db strace iproute2
LINT_PACKAGES := clang clang-format clang-tidy cppcheck shellcheck libclang-rt-14-dev llvm
COVERAGE_PACKAGES := gcovr

LIB_DIRS := base capture label sort dataset
LIB_SRC := $(foreach dir,$(LIB_DIRS),$(wildcard src/$(dir)/*.c))
CMD_SRC := $(wildcard src/cmd/*.c) src/main.c
LIB_OBJ := $(LIB_SRC:src/%.c=$(BUILD)/obj/%.o)
CMD_OBJ := $(CMD_SRC:src/%.c=$(BUILD)/obj/%.o)
PUBLIC_HEADERS := $(wildcard include/labelcap/*.h)

STATIC_LIB := $(BUILD)/liblabelcap.a
SHARED_LIB := $(BUILD)/liblabelcap.so.$(SONAME_VERSION)
PROGRAM := $(BUILD)/labelcap
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))

QUIET = $(if $(V),,@echo "  $(1)  $@";)

.PHONY: all
all: $(PROGRAM) $(SHARED_LIB)

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(call QUIET,CC  )$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(STATIC_LIB): $(LIB_OBJ)
	@rm -f $@
	$(call QUIET,AR  )$(AR) rcs $@ $^

$(SHARED_LIB): $(LIB_OBJ) src/labelcap.map
	$(call QUIET,LINK)$(CC) -shared -Wl,-soname,$(@F) -Wl,--version-script=src/labelcap.map \
		$(CFLAGS) $(LDFLAGS) -o $@ $(LIB_OBJ) $(LDLIBS)
	@ln -sf $(@F) $(BUILD)/liblabelcap.so

$(PROGRAM): $(CMD_OBJ) $(STATIC_LIB)
	$(call QUIET,LINK)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/%: tests/unit/%.c $(STATIC_LIB)
	@mkdir -p $(@D)
	$(call QUIET,TEST)$(CC) $(CPPFLAGS) -Itests/unit $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(STATIC_LIB) -lcmocka $(LDLIBS)

.PHONY: unit-tests
unit-tests: $(UNIT_TESTS)

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d) $(UNIT_TESTS:=.d)
