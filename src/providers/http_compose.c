/* A step of a rules file comes in; the request it stands for goes out. Sends nothing. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define ANSWER_MAX      (96.0 * 1024 * 1024) /* a few pictures in base64 */
#define FILE_MAX        (4.0 * 1024 * 1024 * 1024)
#define TIMEOUT_S       120
#define DOWNLOAD_S      1800
#define MARK_ESCAPE     "\\u0001"
#define MARK_ESCAPE_LEN 6

/* --- bodies --- */

/* The place of a piece in printed JSON, its index and where it ends; NULL when there is none. A
 * backslash that is itself escaped starts none, nor does what a rules file says of the kind. */
static const char *next_mark(const char *p, size_t *ret_piece, const char **ret_end)
{
    for (; *p; p++) {
        char *end;
        if (*p != '\\')
            continue;
        if (strncmp(p, MARK_ESCAPE, MARK_ESCAPE_LEN) == 0) {
            *ret_piece = strtoul(p + MARK_ESCAPE_LEN, &end, 10);
            *ret_end = end + MARK_ESCAPE_LEN;
            if (end > p + MARK_ESCAPE_LEN && strncmp(end, MARK_ESCAPE, MARK_ESCAPE_LEN) == 0)
                return p;
        }
        p++;
    }
    return NULL;
}

static void add_json(struct talk *t, const cJSON *body, struct request *r)
{
    char *text = json_compact(body);
    const char *from = text, *mark, *end;
    size_t len = strlen(text), at;
    while (len > 0 && text[len - 1] == '\n')
        text[--len] = '\0';
    for (; (mark = next_mark(from, &at, &end)); from = end) {
        request_add_text(r, mem_dup_n(from, (size_t)(mark - from)));
        if (at < t->pieces_n)
            request_add_file(r, t->pieces[at].path, true);
    }
    request_add_text(r, mem_dup(from));
    free(text);
    request_add_header(r, "Content-Type", "application/json");
}

static void clear_line(char *text)
{
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == '"')
            *p = '_';
}

static void add_part(struct talk *t, const cJSON *part, const char *boundary, struct request *r)
{
    const char *name = json_str(part, "name", "file");
    const struct job_file *f = reference_file(t, json_str(part, "file", ""));
    cJSON *value = f ? reference_value(t, json_str(part, "file", ""), "name")
                     : template_fill(t, json_get(part, "value"));
    char *text = value_text(value);
    if (text && f) {
        clear_line(text);
        request_add_text(r, mem_printf("--%s\r\nContent-Disposition: form-data; name=\"%s\"; "
                                       "filename=\"%s\"\r\nContent-Type: %s\r\n\r\n",
                                       boundary, name, text, media_of_file(f->path)));
        request_add_file(r, f->path, false);
        request_add_text(r, mem_dup("\r\n"));
    } else if (text) {
        request_add_text(r, mem_printf("--%s\r\nContent-Disposition: form-data; "
                                       "name=\"%s\"\r\n\r\n%s\r\n",
                                       boundary, name, text));
    }
    free(text);
    cJSON_Delete(value);
}

/* A boundary that no text of the body can guess: it hangs on the attempt's own random name. */
static void add_multipart(struct talk *t, const cJSON *parts, struct request *r)
{
    const struct job_row *job = t->ask->job;
    char hex[DIGEST_LEN], *seed, *boundary, *type;
    const cJSON *part;
    seed = mem_printf("%s %s %d", t->handle ? t->handle : "", job->hash, job->attempts);
    digest_bytes(seed, strlen(seed), hex);
    boundary = mem_printf("slated-%.40s", hex);
    type = mem_printf("multipart/form-data; boundary=%s", boundary);
    cJSON_ArrayForEach(part, parts) add_part(t, part, boundary, r);
    request_add_text(r, mem_printf("--%s--\r\n", boundary));
    request_add_header(r, "Content-Type", type);
    free(seed);
    free(boundary);
    free(type);
}

/* A value as the body itself. */
static void add_plain(struct talk *t, const char *name, struct request *r)
{
    cJSON *value = reference_value(t, name, NULL);
    char *text = value_text(value);
    request_add_text(r, text ? text : mem_dup(""));
    request_add_header(r, "Content-Type", "text/plain; charset=utf-8");
    cJSON_Delete(value);
}

static int add_body(struct talk *t, const cJSON *step, struct request *r, struct err *e)
{
    const cJSON *body = json_get(step, "body"), *own = json_get(t->model, "body");
    const struct job_file *raw = reference_file(t, json_str(step, "raw", ""));
    cJSON *filled;
    if (raw) {
        request_add_file(r, raw->path, false);
        request_add_header(r, "Content-Type", media_of_file(raw->path));
    }
    if (json_get(step, "multipart"))
        add_multipart(t, json_get(step, "multipart"), r);
    if (own && json_bool(step, "model_body", false))
        body = own;
    if (json_get(step, "plain"))
        add_plain(t, json_str(step, "plain", ""), r);
    if (!body)
        return 0;
    filled = template_fill(t, body);
    if (filled && !t->wanting)
        add_json(t, filled, r);
    cJSON_Delete(filled);
    if (t->wanting)
        return err_set(e, ERR_INPUT, "%s has no %s, and %s needs it for %s", t->ask->job->key,
                       t->wanting, json_str(t->file, "title", "the engine"), t->model_id);
    return 0;
}

/* --- the address --- */

/* An address that is a key altogether, as webhooks have it: the rules file's own words. */
static bool is_key(const cJSON *step)
{
    return str_starts(json_str(step, "url", ""), "${");
}

static bool is_own(const struct talk *t, const char *url)
{
    const cJSON *other;
    if (text_same_origin(url, talk_base(t, NULL)))
        return true;
    cJSON_ArrayForEach(other, json_get(t->file, "bases"))
    {
        if (text_same_origin(url, cJSON_GetStringValue(other)))
            return true;
    }
    return false;
}

/* As text_is_safe_url, with any key in the place of each ${NAME}: what comes from outside cannot
 * spell one (http_text.c). */
static bool is_safe_keyed(const char *url)
{
    struct buf plain;
    buf_init(&plain, 65536);
    if (str_starts(url, "${"))
        buf_text(&plain, "https://");
    while (*url) {
        const char *end = str_starts(url, "${") ? strchr(url, '}') : NULL;
        buf_add(&plain, end ? "k" : url, 1);
        url = end ? end + 1 : url + 1;
    }
    bool safe = plain.data && text_is_safe_url(plain.data);
    buf_finish(&plain);
    return safe;
}

/* An answered address may leave the host out. */
static int fill_url(struct talk *t, const cJSON *step, struct request *r, struct err *e)
{
    char *url = NULL;
    int rc = text_fill(t, json_str(step, "url", "{base}"), &url, e);
    if (!rc && url[0] == '/') {
        char *whole = text_join_origin(talk_base(t, NULL), url);
        free(url);
        url = whole;
    }
    if (!rc && !is_safe_keyed(url))
        rc =
            err_set(e, ERR_INPUT, "%s answered an address that is none, so %s is not asked further",
                    json_str(t->file, "title", "the engine"), t->ask->job->key);
    if (rc)
        free(url);
    else
        r->url = url;
    return rc;
}

static bool has_secret(const cJSON *headers)
{
    const cJSON *h;
    cJSON_ArrayForEach(h, headers)
    {
        if (cJSON_IsString(h) && strstr(h->valuestring, "${"))
            return true;
    }
    return false;
}

static int add_headers(struct talk *t, const cJSON *headers, struct request *r, struct err *e)
{
    const cJSON *h;
    cJSON_ArrayForEach(h, headers)
    {
        char *text = NULL;
        int rc = text_fill(t, json_str(headers, h->string, ""), &text, e);
        if (rc)
            return rc;
        request_add_header(r, h->string, text);
        free(text);
    }
    return 0;
}

int compose_step(struct talk *t, const cJSON *step, struct request *ret_request, struct err *e)
{
    struct request *r = ret_request;
    const cJSON *headers = json_get(t->file, "headers"), *own = json_get(step, "headers");
    bool keyed = json_bool(step, "keyed", true);
    bool file = json_bool(step, "to_file", false);
    int rc = fill_url(t, step, r, e);
    if (!rc)
        rc = add_body(t, step, r, e);
    if (rc)
        return rc;
    /* the key goes to the engine's own hosts, whatever address an answer names */
    keyed = keyed && (is_key(step) || is_own(t, r->url));
    r->by = CARRY_HTTP;
    r->keyed = keyed && (has_secret(headers) || has_secret(own) ||
                         strstr(json_str(step, "url", ""), "${") != NULL);
    r->method = mem_dup(json_str(step, "method", r->body_n ? "POST" : "GET"));
    r->timeout_ms = (int)(json_num(step, "timeout_s", file ? DOWNLOAD_S : TIMEOUT_S) * 1000);
    r->max_len = (int64_t)json_num(step, "max_bytes", file ? FILE_MAX : ANSWER_MAX);
    r->redirects = (int)json_int(step, "redirects", file ? 5 : 0);
    r->private_ok = json_bool(t->file, "private", false);
    if (keyed)
        rc = add_headers(t, headers, r, e);
    return rc ? rc : add_headers(t, own, r, e);
}
