# The slow and the strict: each stands alone, in a build folder of its own.

check-asan:
	$(MAKE) BUILD=build/asan OPT='-O1 -g' SAN='-fsanitize=address -fno-omit-frame-pointer' check-unit
check-ubsan:
	$(MAKE) BUILD=build/ubsan OPT='-O1 -g' SAN='-fsanitize=undefined -fno-sanitize-recover=undefined' check-unit
check-clang:
	$(MAKE) BUILD=build/clang CC=clang check-unit

# valgrind is slow: the tests that compare whole pictures, and the one that kills a writer in mid-rush, are left to the sanitizers.
VALGRIND := valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --child-silent-after-fork=yes
check-valgrind: $(UNIT_TESTS)
	@command -v valgrind >/dev/null || { echo "check-valgrind: install valgrind first (apt-get install valgrind)"; exit 1; }
	@WITH='$(VALGRIND)' sh tests/run.sh $(filter-out $(BUILD)/tests/draw/% $(BUILD)/tests/film/% $(BUILD)/tests/picture/% $(BUILD)/tests/store/test_crash,$^)

# 500 kills at random instants and one at every sync of a run of all samples.
crash: all
	BUILD=$(abspath $(BUILD)) CRASH_KILLS=500 CRASH_COMMIT_STEP=1 python3 tests/flow/test_crash.py
	BUILD=$(abspath $(BUILD)) PAID_STEP=1 python3 tests/flow/test_paid_steps.py
	BUILD=$(abspath $(BUILD)) SUBMITS=100000 SUBMITS_KILLS=200 python3 tests/flow/test_submits.py
	BUILD=$(abspath $(BUILD)) BROWSER_KILLS=300 python3 tests/flow/test_browser.py test_kills_of_daemon_or_browser_spend_no_credit_twice

# Each nasty of the web canvas without the recovery that its test stands for: the test must fail.
nasties-negative: all
	@python3 tests/flow/without_nasties.py

.PHONY: nasties-negative check-asan check-ubsan check-clang check-valgrind crash
