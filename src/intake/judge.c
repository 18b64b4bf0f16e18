/* One opened file comes in; what it is, whether it is whole and acceptable, and its digest go out.
 */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "intake/listing_priv.h"
#include "intake/sniff.h"

const char *listing_refusal(const struct stat *st, bool in_open_folder)
{
    if (!S_ISREG(st->st_mode))
        return "NOT_REGULAR";
    if (st->st_nlink > 1 && (in_open_folder || st->st_uid != geteuid()))
        return "HARDLINK";
    return NULL;
}

bool listing_is_open_folder(int dir_fd)
{
    struct stat st;
    return fstat(dir_fd, &st) != 0 || (st.st_mode & (S_IWGRP | S_IWOTH));
}

/* Reads the document to tell an early end from a fault. Other faults are left to intake_read, which
 * names their place. */
static void judge_json(int fd, uint64_t len, struct listed *ret)
{
    struct sniff_from from = {.fd = fd, .len = len};
    char *bytes = mem_alloc((size_t)len + 1);
    struct json_fault fault;
    cJSON *tree = NULL;
    size_t n = sniff_read(&from, 0, bytes, (size_t)len);
    if (json_parse(bytes, n, &json_limits_drop, &tree, &fault) != 0 && fault.cut) {
        ret->complete = false;
        str_format(ret->why, sizeof ret->why, "%s it ends too early, at byte %zu", fault.code,
                   fault.offset);
    }
    cJSON_Delete(tree);
    free(bytes);
}

/* Larger than what is read at all? Says so. */
static bool is_too_large(uint64_t len, const struct listing_limits *limits, struct listed *ret)
{
    bool json = ret->media == MEDIA_JSON;
    uint64_t most = json ? limits->json_len : limits->file_len;
    if (len <= most)
        return false;
    str_format(ret->why, sizeof ret->why, "%s %llu bytes, at most %llu are read",
               json ? "JSON_SIZE" : "FILE_SIZE", (unsigned long long)len, (unsigned long long)most);
    return true;
}

static void add_digest(int fd, const struct stat *before, struct listed *ret)
{
    struct stat after;
    struct err e;
    uint64_t len = 0;
    if (lseek(fd, 0, SEEK_SET) != 0 || digest_fd(fd, ret->sha256, &len, &e) != 0) {
        ret->complete = false;
        str_format(ret->why, sizeof ret->why, "UNREADABLE it could not be read to its end");
        ret->sha256[0] = '\0';
        return;
    }
    if (fstat(fd, &after) != 0 || after.st_size != before->st_size || len != ret->len ||
        after.st_mtim.tv_sec != before->st_mtim.tv_sec ||
        after.st_mtim.tv_nsec != before->st_mtim.tv_nsec) {
        ret->complete = false;
        ret->sha256[0] = '\0';
        str_format(ret->why, sizeof ret->why, "CHANGING it changed while it was read");
    }
}

void listing_judge(int fd, const struct stat *st, const char *name,
                   const struct listing_limits *limits, struct listed *ret)
{
    struct sniff_from from = {.fd = fd, .len = (uint64_t)st->st_size};
    struct sniffed s;
    sniff(&from, name, &s);
    ret->len = from.len;
    ret->media = s.media;
    ret->width = s.width;
    ret->height = s.height;
    ret->complete = s.complete;
    ret->percent = s.percent;
    memcpy(ret->why, s.why, sizeof ret->why);
    if (is_too_large(from.len, limits, ret))
        return;
    if (ret->media == MEDIA_JSON)
        judge_json(fd, from.len, ret);
    if (ret->complete)
        add_digest(fd, st, ret);
}
