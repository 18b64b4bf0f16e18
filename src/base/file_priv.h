/* What each system does in its own way (file_linux.c, file_mac.c). */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_FILE_PRIV_H
#define BASE_FILE_PRIV_H

/* Bytes of fd on the disk itself when it returns 0; else -1 and errno. */
int file_sync_fd(int fd);

/* rename that fails with EEXIST when to is there; -1 and errno. EXDEV across volumes. */
int file_rename_new(const char *from, const char *to);

/* Copies a folder tree, a file or a link to a name that is free, each file and folder synced; no
 * link is followed. 0, or -1 with errno. */
int file_copy_tree(const char *from, const char *to);

#endif
