/* An entry that cannot be accepted comes in with its reasons; refused/<name>/ with the entry and
 * WHY.txt goes out. Never deletes, never overwrites. The page is written before the entry moves, so
 * that a crash leaves either both or an entry that is looked at again. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"

static bool holds_only_the_page(const char *dir)
{
    DIR *d = opendir(dir);
    if (!d)
        return false;
    bool only = true;
    for (struct dirent *entry; (entry = readdir(d));)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "WHY.txt") != 0)
            only = false;
    closedir(d);
    return only;
}

/* Two names that no file system holds may be made safe alike: then a piece of the digest tells them
 * apart, for the refusal of one must not close with the other. */
static char *refused_name(const char *entry)
{
    char *safe = utf8_safe_name(entry, 180, "entry");
    if (strcmp(safe, entry) == 0)
        return safe;
    char hex[DIGEST_LEN];
    digest_bytes(entry, strlen(entry), hex);
    char *name = mem_printf("%s-%.8s", safe, hex);
    free(safe);
    return name;
}

/* refused/<name>, or with -2, -3, ... where an older refusal of that name lies. */
static char *refuse_folder(struct engine *en, const char *entry)
{
    char *safe = refused_name(entry);
    char *dir = path_join(en->places.refused, safe);
    for (int n = 2; file_exists(dir) && !holds_only_the_page(dir); n++) {
        free(dir);
        dir = mem_printf("%s/%s-%d", en->places.refused, safe, n);
    }
    free(safe);
    return dir;
}

static void refuse_page(struct engine *en, const char *entry, const struct faults *faults,
                        struct buf *page)
{
    char *shown = utf8_show(entry), at[CLOCK_TEXT_LEN];
    clock_iso(en->now_s, at);
    buf_printf(page, "%s was not accepted (%s).\n\n", shown, at);
    faults_text(faults, page);
    buf_text(
        page,
        "\nNothing was made and nothing was spent. The file lies beside this page, unchanged.\n"
        "When it is mended, drop it into inbox/ again.\n");
    free(shown);
}

/* The page waits for the entry, which somebody took back: it has nothing to explain. */
static void withdraw_page(const char *dir, const char *page_path)
{
    if (holds_only_the_page(dir) && unlink(page_path) == 0)
        rmdir(dir);
}

bool refuse_entry(struct engine *en, const char *entry, const struct faults *faults)
{
    char *dir = refuse_folder(en, entry), *from = path_join(en->places.inbox, entry);
    char *safe = utf8_safe_name(entry, 200, "entry");
    char *to = path_join(dir, strcmp(safe, "WHY.txt") == 0 ? "WHY.txt.dropped" : safe);
    char *page_path = path_join(dir, "WHY.txt");
    bool here = true;
    struct buf page;
    struct err e = {0};
    buf_init(&page, 1024 * 1024);
    refuse_page(en, entry, faults, &page);
    int rc = file_make_dirs(dir, &e);
    if (!rc && !(rc = file_write(page_path, page.data, page.len, true, &e)))
        rc = file_move(from, to, &e);
    if (rc == ERR_MISSING || (rc && !file_exists(from))) {
        withdraw_page(dir, page_path);
        here = false;
        goto out;
    }
    if (rc)
        engine_say(en, "error", "%s cannot be moved to refused/: %s", log_quote(entry), e.text);
    else
        engine_say(en, "refused", "%s: %s, see %s", log_quote(entry),
                   faults->n ? faults->list[0].code : "no reason",
                   page_path + strlen(en->places.root) + 1);
    desk_receipt(en, entry, "refused", page.data);
    en->refused_n++;
    en->needs_you_dirty = true;
out:
    buf_finish(&page);
    free(dir);
    free(from);
    free(safe);
    free(to);
    free(page_path);
    return here;
}

/* The refusal of a name is over once a good drop of that name was taken: it moves aside, still
 * whole. */
void refuse_close(struct engine *en, const char *entry, const char *drop)
{
    char *safe = refused_name(entry), *dir = path_join(en->places.refused, safe);
    char *closed = path_join(en->places.refused, ".closed");
    char *to = mem_printf("%s/%s before %s", closed, safe, drop);
    struct err e = {0};
    if (file_exists(dir) && !file_exists(to) &&
        (file_make_dirs(closed, &e) || file_move(dir, to, &e)))
        log_line(LOG_WARN, "refused_not_closed", "entry=%s why=%s", log_quote(entry),
                 log_quote(e.text));
    en->needs_you_dirty = true;
    free(safe);
    free(dir);
    free(closed);
    free(to);
}
