/* Files that appear whole or not at all: written beside, synced, renamed, folder synced. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"

/* Reads a whole regular file of at most cap bytes (no link followed, never blocks on a FIFO). The
 * caller owns *ret_bytes, which carries an extra NUL. ERR_KIND, ERR_LIMIT, ERR_MISSING, ERR_IO. */
int file_read(const char *path, size_t cap, char **ret_bytes, size_t *ret_len, struct err *e);

/* Writes bytes under path by rename: temp ".<name>.slated-tmp" in the same folder, fsync, rename,
 * fsync of the folder. The old file, if any, is replaced whole. durable false leaves both syncs out
 * (receipts). */
int file_write(const char *path, const void *bytes, size_t len, bool durable, struct err *e);

/* Moves from to to on one volume and syncs both folders; across volumes copies, syncs, renames,
 * then removes from. Refuses with ERR_EXISTS when to is there. Works for files and folders. */
int file_move(const char *from, const char *to, struct err *e);

/* Copies one regular file (no link followed), synced and by rename. */
int file_copy(const char *from, const char *to, struct err *e);

/* Gives a regular file a second name where the file system can, else copies it; either way both are
 * there until one is removed, and neither may be written to. Its folder is not synced. */
int file_second(const char *from, const char *to, struct err *e);

/* All of len bytes, however many writes it takes. False: errno says why not. */
bool file_put(int fd, const void *bytes, size_t len);

/* fsync of a folder's own entry list. */
int file_sync_dir(const char *dir, struct err *e);

/* Removes a file or a whole folder tree without following links; a missing one is fine. */
int file_remove_tree(const char *path, struct err *e);

/* Removes what is in a folder, in the same way, and leaves the folder itself. */
int file_empty_dir(const char *dir, struct err *e);

/* mkdir -p, 0755. */
int file_make_dirs(const char *path, struct err *e);

bool file_exists(const char *path); /* lstat succeeds */

/* Folders whose names must be on the disk before something is said of them: each once, synced
 * together. Zeroed memory is an empty set. */
struct file_dirs {
    char **paths; /* owned */
    size_t n, room;
};
void file_dirs_add(struct file_dirs *d, const char *dir);
bool file_dirs_have(const struct file_dirs *d, const char *dir);
int file_dirs_sync(struct file_dirs *d, struct err *e); /* and forgets those that were */
void file_dirs_finish(struct file_dirs *d);

/* file_write whose bytes are on the disk when it returns, and its name when dirs is synced. */
int file_write_later(const char *path, const void *bytes, size_t len, struct file_dirs *dirs,
                     struct err *e);

#endif
