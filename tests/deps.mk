# What slated needs, by the names of Debian's and Homebrew's packages. `make deps` says what is missing
# and installs it; every build goes through the same check and says the command when it cannot.

DEB_BUILD := gcc make pkg-config libcurl4-openssl-dev libcjson-dev libpng-dev libarchive-dev libsqlite3-dev \
             libwebp-dev libjpeg62-turbo-dev libcairo2-dev libpango1.0-dev libssl-dev libdeflate-dev ffmpeg \
             fonts-dejavu-core libwebsockets-dev
# package:program is not installed where the program is there already, from wherever it came.
DEB_TEST  := libcmocka-dev python3 procps strace nodejs:node npm:npm chromium:chromium libheif-examples:heif-convert
BREW      := pkg-config curl cjson libpng libarchive sqlite webp jpeg-turbo cairo pango openssl@3 \
             libdeflate ffmpeg cmocka node:node libwebsockets

DEPS_PKGS := sqlite3 libcjson libcurl libcrypto libpng libwebp libjpeg libdeflate cairo pangocairo libarchive libwebsockets

# The providers' own clients, which prove the simulators, are wanted by the tests alone: without them there is still a build.
deps: deps-system
	@[ "$(SLATED_NO_NPM)" = 1 ] || sh tests/simulators/install.sh $(abspath $(BUILD))/node || echo "deps: go on without; make check will say so"
deps-system:
	@sh tests/deps.sh "$(DEB_BUILD) $(DEB_TEST)" "$(BREW)"

# A stamp made once the libraries are found; a build without them installs them first and says so.
$(BUILD)/deps-found:
	@mkdir -p $(BUILD)
	@command -v pkg-config >/dev/null && pkg-config --exists $(DEPS_PKGS) cmocka && command -v ffmpeg >/dev/null \
	    || $(MAKE) --no-print-directory deps-system
	@touch $@

.PHONY: deps deps-system
