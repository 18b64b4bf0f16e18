/* A notifier's file comes in; whether it can be used, and its program with its arguments, go out.
 * No shell reads what is started. */
/* SPDX-License-Identifier: ISC */
#include "engine/tell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "loop/child.h"
#include "news/news.h"
#include "secrets/secrets.h"

#define ARGV_MOST 64

static bool is_chosen(const struct rules *rules, const char *notifier)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, rules_policy(rules, "/notify/to"))
    {
        if (cJSON_IsString(one) && str_eq(one->valuestring, notifier))
            return true;
    }
    return false;
}

/* An absolute path, or a name in one of the folders of PATH. */
static bool program_there(const char *program)
{
    const char *path = getenv("PATH");
    if (strchr(program, '/'))
        return access(program, X_OK) == 0;
    while (path && *path) {
        size_t len = strcspn(path, ":");
        char *whole = mem_printf("%.*s/%s", (int)len, path, program);
        bool there = len > 0 && access(whole, X_OK) == 0;
        free(whole);
        if (there)
            return true;
        path += len + (path[len] == ':');
    }
    return false;
}

/* The first of the file's whose program is there; without any, the policy's. */
static const cJSON *argv_of(const struct rules *rules, const cJSON *file)
{
    const cJSON *list = json_get(file, "argv"), *one;
    if (!list)
        list = rules_policy(rules, "/notify/hook");
    if (list && cJSON_IsString(list->child))
        return program_there(list->child->valuestring) ? list : NULL;
    cJSON_ArrayForEach(one, list)
    {
        if (cJSON_IsString(one->child) && program_there(one->child->valuestring))
            return one;
    }
    return NULL;
}

static void add_missing(const char *name, struct buf *missing)
{
    if (!secrets_has(name))
        buf_printf(missing, "%s%s", missing->len ? ", " : "", name);
}

char *tell_silent_why(const struct rules *rules, const char *notifier)
{
    char *name = mem_printf("notify/%s", notifier);
    const cJSON *file = rules_get(rules, name), *key;
    struct buf missing;
    buf_init(&missing, 4096);
    free(name);
    if (!file || str_eq(notifier, NEWS_EVENTS))
        return mem_dup("there is no such notifier in rules/notify");
    if (!is_chosen(rules, notifier))
        return mem_dup("not among \"to\" under \"notify\" in rules/policy.json");
    cJSON_ArrayForEach(key, json_get(file, "keys"))
    {
        if (cJSON_IsString(key))
            add_missing(key->valuestring, &missing);
    }
    if (missing.len) {
        char *why = mem_printf("without %s", missing.data);
        buf_finish(&missing);
        return why;
    }
    if (str_eq(json_str(file, "carrier", ""), "command") && !argv_of(rules, file))
        return mem_dup(json_get(file, "argv") ? "none of its programs is on this machine"
                                              : "no program under \"notify\" in rules/policy.json");
    return NULL;
}

/* Pointers first, their texts behind them, so that one free ends it. */
const char **tell_argv(const struct rules *rules, const char *notifier,
                       const struct news_text *text)
{
    char *name = mem_printf("notify/%s", notifier);
    const cJSON *argv = argv_of(rules, rules_get(rules, name)), *one;
    const char *parts[ARGV_MOST + 1] = {NULL};
    size_t n = 0, len = 0;
    free(name);
    if (!argv)
        return NULL;
    cJSON_ArrayForEach(one, argv)
    {
        const char *word = cJSON_IsString(one) ? one->valuestring : "";
        if (n == ARGV_MOST)
            break;
        parts[n++] = str_eq(word, "{title}")  ? text->title
                     : str_eq(word, "{body}") ? text->body
                     : str_eq(word, "{text}") ? text->text
                                              : word;
        len += strlen(parts[n - 1]) + 1;
    }
    const char **block = mem_alloc((n + 1) * sizeof(*block) + len);
    char *at = (char *)(block + n + 1);
    for (size_t i = 0; i < n; i++) {
        block[i] = at;
        memcpy(at, parts[i], strlen(parts[i]) + 1);
        at += strlen(parts[i]) + 1;
    }
    return block;
}

/* A file without a name, so that a program that does not read holds nothing up. */
static int document_fd(const char *dir, const cJSON *document, struct err *e)
{
    char *path = path_join(dir, "told-XXXXXX"), *text = json_compact(document);
    int fd = mkostemp(path, O_CLOEXEC);
    size_t len = strlen(text);
    if (fd >= 0)
        unlink(path);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0) {
        err_sys(e, ERR_IO, errno, "cannot write the document of a hook in %s", dir);
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    free(path);
    free(text);
    return fd;
}

int tell_start(const char *const argv[], const char *work_dir, const cJSON *document,
               pid_t *ret_pid, struct err *e)
{
    struct child_wires wires = {.at_3 = -1, .at_4 = -1, .out = -1};
    wires.in = document ? document_fd(work_dir, document, e) : 0;
    if (wires.in < 0)
        return e->code;
    int rc = child_start_wired(argv, &wires, ret_pid, e);
    if (wires.in > 0)
        close(wires.in);
    return rc;
}

bool tell_program_ended(pid_t pid, bool *ret_good)
{
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
        return true; /* it is nobody's any more */
    if (info.si_pid != pid)
        return false;
    *ret_good = info.si_code == CLD_EXITED && info.si_status == 0;
    return true;
}
