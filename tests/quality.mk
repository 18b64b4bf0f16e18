# make style: the rules of style that a program can check. make layers: includes point upstream, and each room links with
# nothing but the rooms it may use.

style:
	@python3 tests/style.py

layers: all
	@python3 tests/layers.py $(BUILD)/obj "$(CC) $(SAN)" "$(call pkg_libs,$(DAEMON_PKGS) $(WORKER_PKGS)) -lm -lpthread"

.PHONY: style layers
