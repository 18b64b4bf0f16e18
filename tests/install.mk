# `make install` (PREFIX, DESTDIR) and `make demo`.

LIBEXEC = $(DESTDIR)$(PREFIX)/libexec/slated
SHARE   = $(DESTDIR)$(PREFIX)/share

$(BUILD)/slated.1: $(BUILD)/slated
	$(BUILD)/slated help man >$@
$(BUILD)/completion.%: $(BUILD)/slated
	$(BUILD)/slated completion $* >$@

install: all $(BUILD)/slated.1 $(BUILD)/completion.bash $(BUILD)/completion.zsh
	install -d $(DESTDIR)$(PREFIX)/bin $(LIBEXEC) $(SHARE)/man/man1 $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions
	install -m 755 $(BUILD)/slated $(DESTDIR)$(PREFIX)/bin/slated
	install -m 755 $(BUILD)/slated-worker $(LIBEXEC)/slated-worker
	install -m 644 $(BUILD)/slated.1 $(SHARE)/man/man1/slated.1
	install -m 644 $(BUILD)/completion.bash $(SHARE)/bash-completion/completions/slated
	install -m 644 $(BUILD)/completion.zsh $(SHARE)/zsh/site-functions/_slated
	find rules -type f | while read -r f; do install -D -m 644 "$$f" "$(SHARE)/slated/$$f"; done
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/lib/systemd/user $(SHARE)/slated/launchd
	sed 's#/usr/local#$(PREFIX)#g' systemd/slated.service >$(DESTDIR)$(PREFIX)/lib/systemd/system/slated.service
	sed 's#/usr/local#$(PREFIX)#g' systemd/slated-user.service >$(DESTDIR)$(PREFIX)/lib/systemd/user/slated.service
	sed 's#/usr/local/bin/slated#$(PREFIX)/bin/slated#g' launchd/studio.slated.plist >$(SHARE)/slated/launchd/studio.slated.plist

uninstall:
	rm -rf $(LIBEXEC) $(SHARE)/slated
	rm -f $(DESTDIR)$(PREFIX)/bin/slated $(SHARE)/man/man1/slated.1 $(SHARE)/bash-completion/completions/slated \
	    $(SHARE)/zsh/site-functions/_slated $(DESTDIR)$(PREFIX)/lib/systemd/system/slated.service \
	    $(DESTDIR)$(PREFIX)/lib/systemd/user/slated.service

# The three samples, dropped into a root of their own and made to the end.
demo: all
	@BUILD=$(BUILD) sh tests/demo.sh

.PHONY: install uninstall demo
