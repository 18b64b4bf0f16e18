/* A finished file comes in beside; it goes out under its name below the root, whole and synced, and
 * what lay there before is kept as a version. Decides nothing about which version counts; never
 * removes what it did not bring. */
/* SPDX-License-Identifier: ISC */
#ifndef ASSETS_PLACE_H
#define ASSETS_PLACE_H

#include <stdbool.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"

struct place_wish {
    const char *root;        /* absolute folder; path never leaves it */
    const char *path;        /* wanted name below root */
    const char *from;        /* the finished, synced file, on the same volume */
    const char *sha256;      /* of from: recognises a placing that was interrupted */
    int version;             /* of the file that comes */
    int old_version;         /* of the file that lies there, 0 when nobody knows it */
    bool beside;             /* the file there is newer: put ours among the versions */
    struct file_dirs *later; /* NULL: its folder is synced at once; else the caller syncs these */
};

/* Moves from to root/path. A different file there moves to <folder>/.versions/<stem>.v<N>.<ext>
 * first (unknown ones: <stem>.found-<8 digits of the digest>.<ext>); with beside ours goes there.
 * *ret_moved (owned): new path below root of whichever file went to .versions/, NULL when none did.
 * When from is gone and the file under path has the digest, it was placed before: 0. ERR_MISSING
 * when from is gone and it hasn't. */
int place_file(const struct place_wish *wish, char **ret_moved, struct err *e);

/* Writes a small text under root/path; a different one there is kept in .versions/ under its
 * digest. later: as above, never NULL. */
int place_text(const char *root, const char *path, const char *text, struct file_dirs *later,
               struct err *e);

/* Gives a file that is not delivered a name beside root/path: .versions/<stem>.refused-<8 digits of
 * the digest>.<ext>, and its reason as a .txt of the same name. The file keeps its own name, too.
 * *ret_kept (owned): its path below root. Repeating it changes nothing. */
int place_refused(const char *root, const char *path, const char *from, const char *sha256,
                  const char *why, char **ret_kept, struct err *e);

/* ".versions/" path of a version: "a/b.png", 2 -> "a/.versions/b.v2.png". Owned by the caller. */
char *place_version_path(const char *path, int version);

#endif
