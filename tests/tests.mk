# tests/<room>/test_*.c become build/tests/<room>/test_*; each is a cmocka program of its own process.
# Rooms of the daemon link with libdaemon.a, rooms of the worker with libworker.a (main left out).

DAEMON_LIB := $(BUILD)/libdaemon.a
WORKER_LIB := $(BUILD)/libworker.a
DAEMON_TESTS_C := $(sort $(foreach r,$(DAEMON_ROOMS),$(wildcard tests/$(r)/test_*.c)))
WORKER_TESTS_C := $(sort $(foreach r,$(WORKER_ROOMS),$(wildcard tests/$(r)/test_*.c)))
UNIT_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(DAEMON_TESTS_C) $(WORKER_TESTS_C))
# the long ones first, so that none of them is waited for alone
FLOW_LONG := $(addprefix tests/flow/test_,nasties.py watch_files.py watch_limits.py dzine.py dzine_steps.py paid.py returns.py)
FLOW_TESTS := $(FLOW_LONG) $(sort $(filter-out $(FLOW_LONG),$(wildcard tests/flow/test_*.sh tests/flow/test_*.py)))

$(DAEMON_LIB): $(call objs,$(filter-out src/main.c,$(DAEMON_C)))
	$(Q)rm -f $@ && ar rcs $@ $^
$(WORKER_LIB): $(call objs,$(filter-out src/worker/main.c,$(WORKER_C)))
	$(Q)rm -f $@ && ar rcs $@ $^

test_cc = @mkdir -p $(@D) && echo "  TEST $@" && $(CC) $(CPPFLAGS) -Itests $(call pkg_flags,$(DAEMON_PKGS) $(WORKER_PKGS) cmocka) \
          $(CFLAGS) -Wno-missing-prototypes -Wno-write-strings -MMD -MP $(LDFLAGS) -o $@ $<
$(patsubst tests/%.c,$(BUILD)/tests/%,$(DAEMON_TESTS_C)): $(BUILD)/tests/%: tests/%.c $(DAEMON_LIB)
	$(test_cc) $(DAEMON_LIB) $(call pkg_libs,$(DAEMON_PKGS) cmocka) -lm
$(patsubst tests/%.c,$(BUILD)/tests/%,$(WORKER_TESTS_C)): $(BUILD)/tests/%: tests/%.c $(WORKER_LIB)
	$(test_cc) $(WORKER_LIB) $(call pkg_libs,$(WORKER_PKGS) cmocka) -lm -lpthread

# The BSDs' back end, compiled and driven where there is no kqueue.
$(BUILD)/tests/watch/test_kqueue: private CPPFLAGS += -Itests/watch/stub

# One room's tests: make check-room ROOM=watch
check-room: $(filter $(BUILD)/tests/$(ROOM)/%,$(UNIT_TESTS))
	@sh tests/run.sh $^

check-unit: $(UNIT_TESTS)
	@sh tests/run.sh $^

check: all $(UNIT_TESTS)
	@BUILD=$(abspath $(BUILD)) sh tests/run.sh $(FLOW_TESTS) $(UNIT_TESTS)

.PHONY: check check-unit check-room

-include tests/fuzz.mk tests/bench.mk tests/quality.mk
