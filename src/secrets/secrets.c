/* Names come in, values go out for the moment they are needed. The one table of a process: what the
 * credentials file holds, and what was asked for and found in the environment or with systemd.
 * Never prints a value, never lets a child inherit one. */
/* SPDX-License-Identifier: ISC */
#include "secrets/secrets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "secrets/secrets_priv.h"

struct secret {
    char *name;
    const char *where;
    struct vault vault;
};

struct secret_list {
    struct secret *rows;
    size_t n;
};

static struct secret_list found;   /* from the environment and systemd, once asked for */
static struct secret_list in_file; /* from the credentials file */
static char *file_path;            /* NULL before secrets_open */

static const char where_environment[] = "environment";
static const char where_systemd[] = "systemd credential";
static const char where_file[] = "credentials file";

static struct secret *list_find(const struct secret_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->rows[i].name, name))
            return &list->rows[i];
    return NULL;
}

static void list_finish(struct secret_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        vault_wipe(&list->rows[i].vault);
        free(list->rows[i].name);
    }
    free(list->rows);
    *list = (struct secret_list){0};
}

/* Adds, or replaces the value of that name. takes_name; NULL when there is no memory for it. */
static struct secret *list_put(struct secret_list *list, char *takes_name, const char *where,
                               const char *value, size_t len)
{
    struct rlimit none = {0, 0};
    struct vault vault;
    (void)setrlimit(RLIMIT_CORE, &none); /* a process with a secret leaves no core */
    if (!vault_put(&vault, value, len)) {
        free(takes_name);
        return NULL;
    }
    struct secret *s = list_find(list, takes_name);
    if (s) {
        vault_wipe(&s->vault);
        free(takes_name);
    } else {
        list->rows = mem_grow(list->rows, list->n + 1, sizeof(*list->rows));
        s = &list->rows[list->n++];
        s->name = takes_name;
    }
    s->where = where;
    s->vault = vault;
    return s;
}

/* --- the credentials file --- */

static int file_load(const char *path, struct secret_list *ret_list, struct err *e)
{
    char *text = NULL;
    struct secret_list list = {0};
    struct credential one;
    int line = 0, rc = credentials_read(path, &text, e);
    if (rc || !text)
        return rc;
    const char *at = text;
    while ((rc = credentials_next(path, &at, &line, &one, e)) > 0)
        if (one.value_len && !list_put(&list, mem_dup_n(one.name, one.name_len), where_file,
                                       one.value, one.value_len)) {
            rc = err_set(e, ERR_IO, "no memory for the credentials %s", path);
            break;
        }
    explicit_bzero(text, strlen(text));
    free(text);
    if (rc)
        list_finish(&list);
    else
        *ret_list = list;
    return rc;
}

int secrets_reload(struct err *e)
{
    struct secret_list fresh = {0};
    int rc = file_path ? file_load(file_path, &fresh, e) : 0;
    if (rc || !file_path)
        return rc;
    list_finish(&in_file);
    list_finish(&found);
    in_file = fresh;
    return 0;
}

int secrets_open(const char *root, struct err *e)
{
    const char *named = getenv("SLATED_CREDENTIALS");
    secrets_close();
    log_mask_with(secrets_mask);
    file_path = named && *named ? mem_dup(named) : mem_printf("%s/.slated/credentials", root);
    return secrets_reload(e);
}

void secrets_close(void)
{
    list_finish(&in_file);
    list_finish(&found);
    mem_free(file_path);
    log_mask_with(NULL);
}

/* --- asking --- */

static struct secret *ask_systemd(const char *name)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    char *path, *text = NULL;
    size_t len = 0;
    struct secret *s = NULL;
    if (!dir || !*dir || !path_is_safe(name) || strchr(name, '/'))
        return NULL;
    path = path_join(dir, name);
    if (file_read(path, SECRETS_VALUE_MAX, &text, &len, NULL) == 0) {
        while (len && strchr("\r\n", text[len - 1]))
            len--;
        if (len && !memchr(text, 0, len))
            s = list_put(&found, mem_dup(name), where_systemd, text, len);
        explicit_bzero(text, len);
    }
    free(text);
    free(path);
    return s;
}

static struct secret *ask(const char *name)
{
    if (!name || !*name)
        return NULL;
    struct secret *s = list_find(&found, name);
    const char *value = s ? NULL : getenv(name);
    size_t len = value ? strlen(value) : 0;
    if (!s && len && len <= SECRETS_VALUE_MAX)
        s = list_put(&found, mem_dup(name), where_environment, value, len);
    if (!s)
        s = ask_systemd(name);
    return s ? s : list_find(&in_file, name);
}

const char *secrets_get(const char *name)
{
    const struct secret *s = ask(name);
    return s ? s->vault.value : NULL;
}

bool secrets_has(const char *name)
{
    return ask(name) != NULL;
}

const char *secrets_where(const char *name)
{
    const struct secret *s = ask(name);
    return s ? s->where : NULL;
}

const char *secrets_name(size_t at)
{
    if (at < found.n)
        return found.rows[at].name;
    for (size_t i = 0, n = found.n; i < in_file.n; i++) {
        if (list_find(&found, in_file.rows[i].name))
            continue; /* told already */
        if (n++ == at)
            return in_file.rows[i].name;
    }
    return NULL;
}

/* --- hiding --- */

void secrets_mask(char *text)
{
    for (size_t i = 0; i < found.n; i++)
        vault_mask(&found.rows[i].vault, text);
    for (size_t i = 0; i < in_file.n; i++)
        vault_mask(&in_file.rows[i].vault, text);
}

bool secrets_hides(const char *name)
{
    static const char *const ends[] = {"_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_PASSWD"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        if (str_ends_nocase(name, ends[i]))
            return true;
    return str_eq(name, "CREDENTIALS_DIRECTORY") || str_eq(name, "SLATED_CREDENTIALS") ||
           list_find(&found, name) || list_find(&in_file, name);
}
