# tests/bench/bench_*.c become build/bench/bench_*: each prints a table of what was measured.

$(BUILD)/bench/%: tests/bench/%.c $(DAEMON_LIB)
	$(test_cc) $(DAEMON_LIB) $(call pkg_libs,$(DAEMON_PKGS)) -lm

# Pictures are the worker's.
$(BUILD)/bench/bench_picture: tests/bench/bench_picture.c $(WORKER_LIB)
	$(test_cc) $(WORKER_LIB) $(call pkg_libs,$(WORKER_PKGS)) -lm -lpthread

$(BUILD)/bench/bench_returns: tests/bench/bench_returns.c tests/likeness/generator.h $(WORKER_LIB)
	$(test_cc) $(WORKER_LIB) $(call pkg_libs,$(WORKER_PKGS)) -lm -lpthread

# The whole table: figure, value, goal; peers where they are installed.
bench: all $(BUILD)/bench/bench_returns $(BUILD)/bench/bench_names $(BUILD)/bench/bench_picture $(BUILD)/bench/bench_store $(BUILD)/bench/bench_watch $(BUILD)/bench/bench_browser $(BUILD)/bench/bench_floor
	@BUILD=$(abspath $(BUILD)) python3 tests/bench/bench_picture.py
	@BUILD=$(abspath $(BUILD)) python3 tests/bench/bench_daemon.py
	@BUILD=$(abspath $(BUILD)) python3 tests/bench/bench_bundle.py
	@BUILD=$(abspath $(BUILD)) python3 tests/bench/bench_jobs.py
	@$(BUILD)/bench/bench_store
	@$(BUILD)/bench/bench_watch
	@$(BUILD)/bench/bench_browser
	@$(BUILD)/bench/bench_returns
	@$(BUILD)/bench/bench_names
	@BUILD=$(abspath $(BUILD)) python3 tests/bench/bench_return_files.py

bench-picture: $(BUILD)/bench/bench_picture
	@BUILD=$(abspath $(BUILD)) python3 tests/bench/bench_picture.py

bench-store: $(BUILD)/bench/bench_store
	@$<

bench-watch: $(BUILD)/bench/bench_watch
	@$<

bench-http: $(BUILD)/bench/bench_http
	@$<

bench-jobs: all $(BUILD)/bench/bench_floor
	@BUILD=$(abspath $(BUILD)) python3 tests/bench/bench_jobs.py

# RUNS=1000: so many runs in one process, and so many pictures by one daemon (half an hour).
bench-browser: all $(BUILD)/bench/bench_browser
	@$(BUILD)/bench/bench_browser 2000 $(or $(RUNS),100)
	@BUILD=$(abspath $(BUILD)) RUNS=$(RUNS) python3 tests/bench/bench_sops.py

bench-returns: $(BUILD)/bench/bench_returns $(BUILD)/bench/bench_names
	@$(BUILD)/bench/bench_returns
	@$(BUILD)/bench/bench_names

.PHONY: bench bench-http bench-jobs bench-browser bench-returns bench-picture bench-store bench-watch
