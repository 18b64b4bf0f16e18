/* What is known about a failed procedure comes in, a folder that explains it goes out. Reads no
 * page itself. */
/* SPDX-License-Identifier: ISC */
#include "engine/mishap.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

#define PAGE_MAX  ((size_t)32 << 20)
#define SAID_MAX  600 /* of one act or result in the trace */
#define SLUG_MAX  60
#define PAGE_ACTS 3 /* of sop_page_acts */
#define FOLDER    "mishaps"
#define TRACE_MAX ((size_t)8 << 20)

char *mishap_console(const cJSON *results)
{
    const cJSON *line;
    struct buf out;
    int n = cJSON_GetArraySize(results);
    buf_init(&out, TRACE_MAX);
    cJSON_ArrayForEach(
        line, json_get(cJSON_GetArrayItem(results, n > PAGE_ACTS ? n - PAGE_ACTS : 0), "value"))
        buf_printf(&out, "%s\n", cJSON_IsString(line) ? line->valuestring : "");
    return buf_take(&out);
}

/* --- the trace --- */

static void trace_value(struct buf *out, const cJSON *value)
{
    char *text = value ? json_compact(value) : mem_dup("-");
    if (strlen(text) > SAID_MAX)
        buf_printf(out, "%.*s... (%zu characters)", SAID_MAX, text, strlen(text));
    else
        buf_text(out, text);
    free(text);
}

void mishap_trace(struct buf *out, int64_t now_s, const char *step, const cJSON *act,
                  const cJSON *result)
{
    char when[CLOCK_TEXT_LEN];
    cJSON *came = cJSON_Duplicate(result, true);
    int ms = (int)json_num(result, "took_ms", 0);
    cJSON_DeleteItemFromObject(came, "took_ms");
    clock_local(now_s, "%H:%M:%S", when);
    buf_printf(out, "%s  %6d ms  %s\n    act    ", when, ms, step && *step ? step : "(begin)");
    trace_value(out, act);
    buf_text(out, "\n    came   ");
    trace_value(out, came);
    buf_text(out, "\n");
    cJSON_Delete(came);
}

/* --- the folder --- */

static char *slug_of(const char *name)
{
    char *slug = mem_dup_n(name, strnlen(name, SLUG_MAX));
    for (char *at = slug; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '-' && *at != '_')
            *at = '-';
    return slug;
}

/* A folder of that name that was not there before; owned. NULL when it cannot be made. */
static char *make_folder(const struct mishap *m, char **ret_name, struct err *e)
{
    char when[CLOCK_TEXT_LEN], *slug = slug_of(m->name), *dir = NULL;
    char *all = path_join(m->state, FOLDER);
    clock_local(m->now_s, "%Y-%m-%dT%H-%M-%S", when);
    int rc = file_make_dirs(all, e);
    for (int n = 1; !rc && !dir && n < 100; n++) {
        char *name =
            n == 1 ? mem_printf("%s-%s", when, slug) : mem_printf("%s-%s-%d", when, slug, n);
        dir = path_join(all, name);
        if (mkdir(dir, 0700))
            mem_free(dir);
        else
            *ret_name = mem_dup(name);
        free(name);
    }
    if (!rc && !dir)
        err_set(e, ERR_IO, "no folder can be made in %s", all);
    free(slug);
    free(all);
    return dir;
}

static int write_masked(const char *dir, const char *name, const char *text, struct err *e)
{
    char *path = path_join(dir, name), *masked = mishap_mask(text);
    int rc = file_write(path, masked, strlen(masked), false, e);
    free(path);
    free(masked);
    return rc;
}

/* The page's files are taken out of the folder they lie in; one that is not there is left out. */
static void take_pages(const struct mishap *m, const char *dir)
{
    char *picture = path_join(m->pages, "screenshot.png"), *to = path_join(dir, "screenshot.png");
    char *page = path_join(m->pages, "page.html"), *html = NULL;
    size_t len = 0;
    struct err e = {0};
    (void)file_move(picture, to, &e);
    if (file_read(page, PAGE_MAX, &html, &len, &e) == 0)
        (void)write_masked(dir, "page.html", html, &e);
    unlink(page);
    free(picture);
    free(to);
    free(page);
    free(html);
}

static void say_file(struct buf *out, const char *dir, const char *name, const char *what)
{
    char *path = path_join(dir, name);
    if (file_exists(path))
        buf_printf(out, "  %-15s %s\n", name, what);
    free(path);
}

static int write_why(const struct mishap *m, const char *dir, struct err *e)
{
    struct buf out;
    char when[CLOCK_TEXT_LEN];
    buf_init(&out, 65536);
    clock_iso(m->now_s, when);
    buf_printf(&out, "%s, %s\n\nWhere: %s\nWhat:  %s\nCure:  %s\n\nIn this folder:\n", m->title,
               when, m->step && *m->step ? m->step : "before the first step",
               m->error ? m->error : "no reason was given",
               m->cure ? m->cure
                       : "compare the picture with what the step expects, mend the step in "
                         "rules/sops, and try it alone: slated sop run NAME --step");
    say_file(&out, dir, "screenshot.png", "the page as it looked");
    say_file(&out, dir, "page.html",
             "its HTML, without scripts and without what was typed into secret fields");
    say_file(&out, dir, "console.txt", "what the page said on its console");
    say_file(&out, dir, "trace.txt", "every act, what came of it and how long it took");
    buf_text(&out, "\nQueries of addresses and known keys are replaced by ***; cookies and storage "
                   "are not in it.\n");
    int rc = write_masked(dir, "WHY.txt", out.data, e);
    buf_finish(&out);
    return rc;
}

static int is_folder(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Names begin with their time: the oldest come first. */
static void prune(const struct mishap *m)
{
    struct dirent **names = NULL;
    char *all = path_join(m->state, FOLDER);
    int n = scandir(all, &names, is_folder, alphasort);
    for (int i = 0; i < n; i++) {
        char *dir = path_join(all, names[i]->d_name);
        if (i < n - m->keep)
            (void)file_remove_tree(dir, NULL); /* the next one tries again */
        free(dir);
        free(names[i]);
    }
    free(names);
    free(all);
}

int mishap_keep(const struct mishap *m, char **ret_folder, struct err *e)
{
    char *name = NULL, *dir;
    int rc = 0;
    *ret_folder = NULL;
    if (m->keep <= 0)
        return 0;
    dir = make_folder(m, &name, e);
    if (!dir)
        return e ? e->code : ERR_IO;
    if (m->pages)
        take_pages(m, dir);
    rc = write_masked(dir, "console.txt", m->console ? m->console : "", e);
    if (!rc)
        rc = write_masked(dir, "trace.txt", m->trace ? m->trace : "", e);
    if (!rc)
        rc = write_why(m, dir, e);
    if (!rc)
        *ret_folder = mem_printf(".slated/" FOLDER "/%s", name);
    prune(m);
    free(name);
    free(dir);
    return rc;
}
