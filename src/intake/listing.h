/* What lies in one entry of the inbox, told by looking at headers and ends only: names, sizes, digests, kinds,
 * picture sizes, whether each format is complete. Never decodes a picture, never follows a link. Used in the daemon for a
 * single file and in the worker for folders. */
/* SPDX-License-Identifier: ISC */
#ifndef INTAKE_LISTING_H
#define INTAKE_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/digest.h"
#include "base/err.h"

/* kind, word */
#define MEDIA_LIST(X)                                                                              \
    X(MEDIA_OTHER, "other")                                                                        \
    X(MEDIA_EMPTY, "empty")                                                                        \
    X(MEDIA_JSON, "json")   /* first byte that is no blank is { or [ */                            \
    X(MEDIA_TEXT, "text")   /* UTF-8 without control bytes */                                      \
    X(MEDIA_PNG, "png")                                                                            \
    X(MEDIA_JPEG, "jpeg")                                                                          \
    X(MEDIA_WEBP, "webp")                                                                          \
    X(MEDIA_GIF, "gif")                                                                            \
    X(MEDIA_MP4, "mp4")                                                                            \
    X(MEDIA_ZIP, "zip")
enum media {
#define X(kind, word) kind,
    MEDIA_LIST(X)
#undef X
};
const char *media_word(enum media kind);
bool media_is_picture(enum media kind); /* png, jpeg, webp */

struct listed {
    char *path;              /* relative to the entry ("" for a single-file entry, "refs/lamp.jpg" in a folder) */
    uint64_t len;
    char sha256[DIGEST_LEN]; /* empty when not digested (refused or incomplete) */
    enum media media;
    int width, height;       /* pictures, from the header; 0 unknown */
    bool complete;           /* the format's own end is there (IEND, EOI, RIFF length, zip directory, moov, JSON depth 0) */
    int percent;             /* how much of it has arrived where the format tells, else -1 */
    char why[160];           /* "CODE sentence": why it is not complete or not acceptable; empty when fine. IMAGE_TAIL is only a remark */
};

struct left_out {
    char *path;
    const char *code;        /* NOT_REGULAR HARDLINK UNREADABLE NAME_BAD NAME_CLASH (static) */
};

struct listing {
    char *name;              /* the entry's name in the inbox, bytes as given */
    bool folder;
    struct listed *files;    /* sorted by path bytes; junk names are not listed */
    size_t files_n;
    struct left_out *left;   /* entries that are not read, each with its reason */
    size_t left_n;
    size_t junk_n;
    char digest[DIGEST_LEN]; /* identity by content: of the file's bytes, or of the sorted (path, sha256) pairs */
    int64_t newest_ms;       /* the newest mtime, wall ms */
};

struct listing_limits {
    uint64_t file_len;       /* 64 MiB: a single picture or zip */
    uint64_t json_len;       /* 8 MiB: larger JSON is listed without a digest, why says so */
    uint64_t total_len;      /* 2 GiB */
    size_t entries;          /* 5,000 */
    int depth;               /* 8 */
};
extern const struct listing_limits listing_limits_default;

/* Looks at dir/name. ERR_LIMIT (with the count reached), ERR_KIND (a link, FIFO, socket, device), ERR_MISSING, ERR_IO.
 * The caller owns *ret_listing. */
int listing_make(const char *dir, const char *name, const struct listing_limits *limits,
                 struct listing **ret_listing, struct err *e);
void listing_free(struct listing *l);

cJSON *listing_to_json(const struct listing *l);                     /* owned by the caller */
int listing_from_json(const cJSON *tree, struct listing **ret_listing, struct err *e);

/* The listed file of that path, matching NFC/NFD and case loosely when no exact one exists; NULL when none or several match
 * loosely. *ret_clash (may be NULL): more than one file has that name but for case and composition, exact one or not. */
const struct listed *listing_find(const struct listing *l, const char *path, bool *ret_clash);

/* Names that never mean anything: .DS_Store ._* Thumbs.db desktop.ini @eaDir .stfolder .Trashes __MACOSX *.part *.crdownload *.tmp
 * *.filepart ~$* .goutputstream-* .syncthing.*.tmp *.swp *~ .~lock.* and our own receipts and temporary files. */
bool junk_name(const char *name);

#endif
