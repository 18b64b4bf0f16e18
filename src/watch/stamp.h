/* What a thing in the inbox looks like from outside, as one small value: two stamps differ when the
 * thing has changed. A folder's stamp covers everything inside it. Private to the room. */
/* SPDX-License-Identifier: ISC */
#ifndef WATCH_STAMP_H
#define WATCH_STAMP_H

#ifndef WATCH_ROOM
#error "private to src/watch"
#endif

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Example: a folder with a.png of 10 bytes has files 1, bytes 10. A write into a.png moves what
 * (new size) and when (new mtime), `touch a.png` only when, `chmod 0 a.png` only access. */
struct stamp {
    uint64_t what;   /* device, inode, type, size; in folders of every path inside, junk left out */
    uint64_t when;   /* mtimes of files, in nanoseconds */
    uint64_t access; /* permission bits and owner */
    uint64_t inode;  /* of the thing itself */
    int64_t bytes;
    int32_t files;
    uint16_t type; /* st_mode & S_IFMT */
};

/* How deep folders are looked into; what lies deeper counts by its name only, and its reader
 * refuses it. */
#define STAMP_DEPTH 32

/* What stamp_take needs besides the name. */
struct stamp_look {
    int root_fd;
    bool (*is_junk)(const char *name); /* may be NULL */
    void (*on_dir)(void *ctx,
                   int dir_fd); /* may be NULL; each folder before it is listed, so that a watch put
                                   on it here misses nothing that the list does not show */
    void *ctx;
};

/* Looks at root_fd/name without following links and without opening anything but folders.
 * *ret_fresh_ns: the newest ctime of it and of everything inside. 0; -ENOENT when it is gone;
 * another -errno when that cannot be told now (no descriptors left, disk error). A folder that may
 * not be read has the stamp of its own inode. */
int stamp_take(const struct stamp_look *look, const char *name, struct stamp *ret_stamp,
               int64_t *ret_fresh_ns);

/* Equal in what and when. */
bool stamp_same(const struct stamp *a, const struct stamp *b);

#endif
