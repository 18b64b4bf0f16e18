# slated: `make` builds, `make check` runs every fast test, `make demo` shows it. `make help` lists the rest.

PREFIX      ?= /usr/local
DESTDIR     ?=
BUILD       ?= build
CC          ?= gcc
OPT         ?= -O2 -g
SAN         ?=

VERSION     := 0.1.0
UNAME       := $(shell uname -s)
PLATFORM    := $(if $(filter Darwin,$(UNAME)),kqueue,inotify)
PATHS_BY    := $(if $(filter Darwin,$(UNAME)),walk,linux)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
        -Wwrite-strings -Wvla -Wundef -Wformat=2 -Werror
# libcurl and libwebsockets are loaded when they are needed (src/carriers/libcurl.h, liblws.h): only their headers are
# asked for here.
DAEMON_PKGS := sqlite3 libcjson libcrypto
HEADER_PKGS := libcurl libwebsockets
WORKER_PKGS := libcjson libcrypto libpng libwebp libjpeg libdeflate cairo pangocairo libarchive

.DEFAULT_GOAL := all
include tests/deps.mk

CPPFLAGS += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Isrc -I$(BUILD)/gen \
            -DSLATED_VERSION='"$(VERSION)"' -DSLATED_PREFIX='"$(PREFIX)"'
CFLAGS   += -std=gnu11 $(OPT) $(WARN) $(SAN) -fno-strict-aliasing -fstack-protector-strong
pkg_flags = $(shell pkg-config --cflags $(1) 2>/dev/null)
pkg_libs  = $(shell pkg-config --libs $(1) 2>/dev/null)

# macOS has other names for a file's times.
CPPFLAGS += $(if $(filter Darwin,$(UNAME)),-Dst_mtim=st_mtimespec -Dst_ctim=st_ctimespec)

# Files that belong to one platform; the others are left out of the build.
OTHER_PLATFORM := $(if $(filter inotify,$(PLATFORM)),%_kqueue.c %_mac.c,%_inotify.c %_linux.c) \
                  $(if $(filter linux,$(PATHS_BY)),%/path_walk.c,%/path_linux.c)
room_c = $(sort $(filter-out $(OTHER_PLATFORM),$(foreach r,$(1),$(wildcard src/$(r)/*.c))))
objs   = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(1))

# Rooms in the order data flows; a room may include only rooms before it (tests/layers.sh).
DAEMON_ROOMS := base loop rules secrets store watch intake money plan carriers limits sop gates providers browser \
                assets manual words news report engine cli
WORKER_ROOMS := ops picture draw film likeness unpack worker
DAEMON_C := $(call room_c,$(DAEMON_ROOMS)) src/main.c
# Of intake the worker has what looks at files, and not what reads rules.
SURVEY_C := $(filter $(addprefix src/intake/,junk% judge% listing% sniff%),$(call room_c,intake))
WORKER_C := $(call room_c,base $(WORKER_ROOMS)) $(SURVEY_C)

# V=1 shows whole commands.
Q = $(if $(V),,@)

all: $(BUILD)/slated $(BUILD)/slated-worker

$(BUILD)/slated: $(call objs,$(DAEMON_C))
	@echo "  LINK $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call pkg_libs,$(DAEMON_PKGS)) -lm
$(BUILD)/slated-worker: $(call objs,$(WORKER_C))
	@echo "  LINK $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call pkg_libs,$(WORKER_PKGS)) -lm -lpthread

$(BUILD)/obj/%.o: src/%.c | $(BUILD)/deps-found
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(CPPFLAGS) $(call pkg_flags,$(DAEMON_PKGS) $(WORKER_PKGS) $(HEADER_PKGS)) $(CFLAGS) -MMD -MP -c -o $@ $<

# The shapes of rules files are part of the program: their texts become a header.
SCHEMAS := $(sort $(wildcard src/rules/schemas/*.json))
$(BUILD)/gen/rules_schemas.h: src/rules/embed.sh src/rules/schemas $(SCHEMAS)
	@mkdir -p $(@D)
	$(Q)sh src/rules/embed.sh $(SCHEMAS) >$@
$(BUILD)/obj/rules/kinds.o: $(BUILD)/gen/rules_schemas.h

# The store's tables as C strings.
$(BUILD)/gen/store/%.inc: src/store/%.sql
	@mkdir -p $(@D)
	$(Q)sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $< >$@
# What the browser runs inside a page, as a C string.
$(BUILD)/gen/browser/%.inc: src/browser/%.js
	@mkdir -p $(@D)
	$(Q)sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $< >$@
$(BUILD)/obj/browser/page.o: $(BUILD)/gen/browser/look.inc
$(BUILD)/obj/store/store_schema.o: $(BUILD)/gen/store/schema.inc $(BUILD)/gen/store/schema_2.inc

clean:
	rm -rf build

help:
	@echo "make                     the two programs, in $(BUILD)/"
	@echo "make demo                install what is missing, build, make the samples, print what came of them"
	@echo "make check               every fast test; make check-room ROOM=watch: one room's; make check-unit: those in C"
	@echo "make style layers        the rules of style, and which room includes which"
	@echo "make check-clang check-asan check-ubsan check-valgrind   the same tests, stricter"
	@echo "make crash               kills at random instants;  make fuzz FUZZ_S=30: each parser against noise"
	@echo "make bench               every figure; bench-picture, -store, -watch, -http, -jobs, -browser, -returns: one table"
	@echo "make deps                install what is needed to build;  make clean"
	@echo "make install uninstall   PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)"

include tests/tests.mk
include tests/install.mk
include tests/checks.mk

.PHONY: all clean help
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
