/* A root folder comes in; its inner folders, its lock and its identity go out. Never touches what
 * lies in them. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

struct place {
    char **at;
    const char *name;
    mode_t mode;
};

#define PLACES_N 18

/* Every folder of a root, in the order of making. */
static void places_table(struct places *p, struct place ret_table[PLACES_N])
{
    const struct place table[PLACES_N] = {
        {&p->inbox, "inbox", 0755},
        {&p->returns, "return", 0755},
        {&p->taken, "taken", 0755},
        {&p->refused, "refused", 0755},
        {&p->out, "out", 0755},
        {&p->state, ".slated", 0700},
        {&p->work, ".slated/work", 0700},
        {&p->spare, ".slated/spare", 0700},
        {&p->staging, ".slated/staging", 0700},
        {&p->commands, ".slated/commands", 0700},
        {&p->bundles, "manual_export", 0755},
        {&p->prints, ".slated/prints", 0700},
        {&p->escalate, "inbox/escalate", 0755},
        {&p->notes, "inbox/notes", 0755},
        {&p->approve, "approve", 0755},
        {&p->go, "approve/go", 0755},
        {&p->no, "approve/no", 0755},
        {&p->results, ".slated/results", 0700},
    };
    memcpy(ret_table, table, sizeof(table));
}

int places_init(struct places *p, const char *root, struct err *e)
{
    int rc = file_make_dirs(root, e);
    if (rc)
        return err_prefix(e, "the root cannot be made");
    char *real = realpath(root, NULL);
    if (!real)
        return err_sys(e, ERR_IO, errno, "the root %s cannot be found", root);
    p->root = real;
    struct place table[PLACES_N];
    places_table(p, table);
    for (size_t i = 0; i < PLACES_N; i++) {
        *table[i].at = path_join(p->root, table[i].name);
        if (mkdir(*table[i].at, table[i].mode) && errno != EEXIST)
            return err_sys(e, ERR_IO, errno,
                           "the folder %s cannot be made; make the root writable or choose another "
                           "with --root",
                           *table[i].at);
    }
    return 0;
}

void places_finish(struct places *p)
{
    struct place table[PLACES_N];
    places_table(p, table);
    for (size_t i = 0; i < PLACES_N; i++)
        free(*table[i].at);
    free(p->root);
    memset(p, 0, sizeof(*p));
}

static void lock_say_holder(int fd, const char *path, struct err *e)
{
    char holder[200] = "";
    ssize_t n = pread(fd, holder, sizeof(holder) - 1, 0);
    if (n > 0)
        holder[strcspn(holder, "\n")] = 0;
    err_set(
        e, ERR_BUSY,
        "another slated works on this root (%s; lock %s): stop it first, or give another --root",
        holder[0] ? holder : "it has not said who it is", path);
}

/* A kernel lock dies with its holder, so that nothing stale can ever block. The file only says who
 * holds it. */
int places_lock(const struct places *p, int *ret_fd, struct err *e)
{
    char *path = path_join(p->state, "lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc = 0;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fd < 0) {
        rc = err_sys(e, ERR_IO, errno, "the lock %s cannot be opened", path);
    } else if (fcntl(fd, F_SETLK, &lock)) {
        lock_say_holder(fd, path, e);
        rc = ERR_BUSY;
        close(fd);
    } else {
        char host[100] = "", since[CLOCK_TEXT_LEN], said[200];
        gethostname(host, sizeof(host) - 1);
        clock_iso(clock_wall_s(), since);
        str_format(said, sizeof(said), "pid %ld on %s since %s\n", (long)getpid(), host, since);
        if (ftruncate(fd, 0) || pwrite(fd, said, strlen(said), 0) < 0)
            log_line(LOG_WARN, "lock", "path=%s said=no", log_quote(path));
        *ret_fd = fd;
    }
    free(path);
    return rc;
}

char *engine_random_name(void)
{
    unsigned char random[16] = {0};
    char hex[DIGEST_LEN];
    if (getentropy(random, sizeof(random)))
        bug("no random bytes to be had from the system");
    digest_bytes(random, sizeof(random), hex);
    return mem_dup_n(hex, 32);
}

/* The root carries a marker outside the store, and the store remembers it. When the two differ, an
 * old store was put into another root, or the other way round: what is known as made may be
 * elsewhere, and everything would seem to be new. */
int places_mark(struct engine *en, struct err *e)
{
    char *path = path_join(en->places.inbox, ".slated-root"), *text = NULL;
    char *known = store_fact(en->store, "root_id");
    size_t len = 0;
    int rc = 0;
    struct err read_error = {0};
    if (file_read(path, 200, &text, &len, &read_error) == 0)
        str_trim(text);
    if (text && known && !str_eq(text, known)) {
        en->fuse = true;
        en->fuse_why = mem_printf(
            "inbox/ carries the mark of another root (%.8s; this store knows %.8s)", text, known);
    }
    if (!text && known) {
        en->fuse = true;
        en->fuse_why =
            mem_dup("inbox/ does not carry the mark that this store left in it: it was emptied, "
                    "restored or mounted over");
    }
    en->root_id = known ? mem_dup(known) : text ? mem_dup(text) : engine_random_name();
    /* the mark first: a store that knows a mark which was never left would stop for nothing */
    if (!en->fuse && !text)
        rc = file_write(path, en->root_id, strlen(en->root_id), true, e);
    if (!rc && !known && !(rc = store_begin(en->store, e)) &&
        !(rc = store_set_fact(en->store, "root_id", en->root_id, e)))
        rc = store_commit(en->store, e);
    free(path);
    free(text);
    free(known);
    return rc;
}

/* Nothing in it but what never counts. */
static bool holds_nothing(const char *dir)
{
    DIR *d = opendir(dir);
    bool nothing = d != NULL;
    for (struct dirent *entry; d && (entry = readdir(d));)
        if (entry->d_name[0] != '.' && !junk_name(entry->d_name))
            nothing = false;
    if (d)
        closedir(d);
    return nothing;
}

void places_other_inbox(struct engine *en)
{
    char *path = path_join(en->places.inbox, ".slated-root"), *text = NULL;
    size_t len = 0;
    struct err e = {0};
    en->inbox_replaced = false;
    bool ours = file_read(path, 200, &text, &len, NULL) == 0 && str_eq(str_trim(text), en->root_id);
    bool fresh = !text && holds_nothing(en->places.inbox) && file_exists(en->places.state) &&
                 file_write(path, en->root_id, strlen(en->root_id), true, &e) == 0;
    if (ours || fresh) {
        watch_rescan(en->watch);
    } else if (!en->fuse) {
        en->fuse = true;
        en->fuse_why =
            mem_dup("another folder lies under the name inbox/, and there is something in it");
        engine_say(en, "stop", "%s; nothing is taken or made until `slated resume`", en->fuse_why);
        en->needs_you_dirty = true;
    }
    free(path);
    free(text);
}

bool places_low_disk(const struct places *p, const struct rules *rules)
{
    struct statvfs v;
    if (statvfs(p->root, &v))
        return false;
    double free_mib = (double)v.f_bavail * (double)v.f_frsize / (1024 * 1024);
    bool inodes_told = v.f_files != 0;
    return free_mib < rules_policy_num(rules, "/disk/reserve_mib") ||
           (inodes_told && (double)v.f_favail < rules_policy_num(rules, "/disk/reserve_inodes"));
}
