# tests/bench/bench_*.c become build/bench/bench_*: each prints a table of what was measured.

$(BUILD)/bench/%: tests/bench/%.c $(DAEMON_LIB)
	$(test_cc) $(DAEMON_LIB) $(call pkg_libs,$(DAEMON_PKGS)) -lm

# Pictures are the worker's.
$(BUILD)/bench/bench_picture: tests/bench/bench_picture.c $(WORKER_LIB)
	$(test_cc) $(WORKER_LIB) $(call pkg_libs,$(WORKER_PKGS)) -lm -lpthread

bench-store: $(BUILD)/bench/bench_store
	@$<

bench-watch: $(BUILD)/bench/bench_watch
	@$<

.PHONY: bench-store bench-watch
