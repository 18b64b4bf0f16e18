# make fuzz: bytes that nobody would write, against each parser for FUZZ_S seconds (clang with libFuzzer). Seeds of
# fuzz_x.c lie in tests/fuzz/x/, words in x.dict. A find is left in build/fuzz/ as x-crash-*; `build/fuzz/fuzz_x FILE` shows it again.

FUZZ_S    := 30
FUZZ_C    := $(call room_c,base loop rules secrets intake money plan ops carriers sop gates providers browser words picture)
FUZZ_PKGS := $(DAEMON_PKGS) $(WORKER_PKGS)
FUZZ      := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

# The rooms' objects once for all fuzzers: only what a fuzzer calls is pulled in.
$(BUILD)/fuzz/obj/%.o: src/%.c | $(BUILD)/gen/rules_schemas.h $(BUILD)/gen/browser/look.inc
	@mkdir -p $(@D)
	@clang $(CPPFLAGS) $(call pkg_flags,$(FUZZ_PKGS)) -std=gnu11 -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	    -fno-sanitize-recover=undefined -MMD -MP -c -o $@ $<
$(BUILD)/fuzz/librooms.a: $(patsubst src/%.c,$(BUILD)/fuzz/obj/%.o,$(FUZZ_C))
	@rm -f $@ && ar rcs $@ $^
$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(BUILD)/fuzz/librooms.a
	@command -v clang >/dev/null || { echo "fuzz: install clang first (apt-get install clang)"; exit 1; }
	@clang $(CPPFLAGS) $(call pkg_flags,$(FUZZ_PKGS)) -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=undefined -o $@ $^ $(call pkg_libs,$(FUZZ_PKGS)) -lm

fuzz: $(FUZZ)
	@for f in $(FUZZ); do n=$${f##*/fuzz_}; mkdir -p $(BUILD)/fuzz/found/$$n; echo "fuzz $$n, $(FUZZ_S) s"; \
	    seeds=; [ ! -d tests/fuzz/$$n ] || seeds=tests/fuzz/$$n; dict=; [ ! -f tests/fuzz/$$n.dict ] || dict=-dict=tests/fuzz/$$n.dict; \
	    $$f -max_total_time=$(FUZZ_S) -max_len=4096 -timeout=10 -verbosity=0 -print_final_stats=1 $$dict \
	        -artifact_prefix=$(BUILD)/fuzz/$$n- $(BUILD)/fuzz/found/$$n $$seeds || exit 1; done

.PHONY: fuzz
