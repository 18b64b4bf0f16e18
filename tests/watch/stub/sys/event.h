/* What watch_kqueue.c needs of the BSDs' <sys/event.h>, so that it is compiled and driven where
 * there is no kqueue. The two calls are test_kqueue.c's own. */
/* SPDX-License-Identifier: ISC */
#ifndef STUB_SYS_EVENT_H
#define STUB_SYS_EVENT_H

#include <stdint.h>
#include <time.h>

#define EVFILT_VNODE (-4)
#define EV_ADD       0x0001
#define EV_CLEAR     0x0020
#define NOTE_DELETE  0x0001
#define NOTE_WRITE   0x0002
#define NOTE_EXTEND  0x0004
#define NOTE_ATTRIB  0x0008
#define NOTE_LINK    0x0010
#define NOTE_RENAME  0x0020
#define NOTE_REVOKE  0x0040

struct kevent {
    uintptr_t ident;
    int16_t filter;
    uint16_t flags;
    uint32_t fflags;
    intptr_t data;
    void *udata;
};

#define EV_SET(k, a, b, c, d, e, f)                                                                \
    (*(k) = (struct kevent){(uintptr_t)(a), (b), (c), (d), (e), (f)})

int kqueue(void);
int kevent(int fd, const struct kevent *changes, int changes_n, struct kevent *ret_events,
           int events_n, const struct timespec *timeout);

#endif
