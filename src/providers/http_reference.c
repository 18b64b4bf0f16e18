/* A reference's name comes in; what the job, its files and the conversation have for it goes out.
 * Knows every name there is; reads of a file only its first bytes. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define MARK_TEXT "\1"

static const char *const plain_names[] = {
    "prompt", "negative", "model", "handle", "uuid", "seed", "width", "height", "ratio",
    "pixels", "seconds",  "fps",   "title",  "key",  "item", "file",  "inputs", NULL};
static const char *const name_groups[] = {"params.", "meta.", "set.",  "reply.",
                                          "input.",  "item.", "base.", NULL};

/* --- files --- */

const char *media_of_file(const char *path)
{
    unsigned char head[16] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof head);
    if (fd >= 0)
        close(fd);
    if (n >= 8 && !memcmp(head, "\x89PNG\r\n\x1a\n", 8))
        return "image/png";
    if (n >= 3 && !memcmp(head, "\xff\xd8\xff", 3))
        return "image/jpeg";
    if (n >= 12 && !memcmp(head, "RIFF", 4) && !memcmp(head + 8, "WEBP", 4))
        return "image/webp";
    if (n >= 4 && !memcmp(head, "GIF8", 4))
        return "image/gif";
    if (n >= 12 && !memcmp(head + 4, "ftyp", 4))
        return "video/mp4";
    if (n >= 4 && !memcmp(head, "\x1a\x45\xdf\xa3", 4))
        return "video/webm";
    if (n >= 4 && !memcmp(head, "PK\3\4", 4))
        return "application/zip";
    return "application/octet-stream";
}

const struct job_file *reference_file(const struct talk *t, const char *name)
{
    const struct job_files *files = t->ask->files;
    if (str_eq(name, "item") || str_eq(name, "file"))
        return t->item_file;
    if (!str_starts(name, "input."))
        return NULL;
    for (size_t i = 0; i < files->in_n; i++)
        if (str_eq(files->in[i].name, name + strlen("input.")))
            return &files->in[i];
    return NULL;
}

/* The place of a file's bytes in the body. Owned. */
static char *mark_piece(struct talk *t, const struct job_file *f, const char *before)
{
    t->pieces = mem_grow(t->pieces, t->pieces_n + 1, sizeof *t->pieces);
    t->pieces[t->pieces_n].path = f->path;
    return mem_printf("%s" MARK_TEXT "%zu" MARK_TEXT, before, t->pieces_n++);
}

static double file_size(const struct job_file *f)
{
    struct stat st;
    return stat(f->path, &st) ? 0 : (double)st.st_size;
}

static char *data_url(struct talk *t, const struct job_file *f)
{
    char *before = mem_printf("data:%s;base64,", media_of_file(f->path));
    char *text = mark_piece(t, f, before);
    free(before);
    return text;
}

/* Small ones go into the body; the address of the others is known once they are uploaded. */
static char *file_address(struct talk *t, const struct job_file *f)
{
    const cJSON *upload = talk_step(t, "upload");
    const char *address = json_str(json_get(t->memo, "up"), f->name, NULL);
    if (address)
        return mem_dup(address);
    if (!upload || file_size(f) <= json_num(upload, "over", 0))
        return data_url(t, f);
    if (!t->unsent)
        t->unsent = f;
    return mem_dup("");
}

static char *file_base_name(const struct job_file *f)
{
    const char *slash = strrchr(f->path, '/');
    char *name = mem_dup(slash ? slash + 1 : f->path);
    for (char *p = name; *p; p++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *p))
            *p = '_';
    return name;
}

static cJSON *file_value(struct talk *t, const struct job_file *f, const char *as)
{
    char *text = NULL;
    cJSON *value;
    if (str_eq(as, "bytes"))
        return cJSON_CreateNumber(file_size(f));
    if (str_eq(as, "base64"))
        text = mark_piece(t, f, "");
    else if (str_eq(as, "data_url"))
        text = data_url(t, f);
    else if (str_eq(as, "media"))
        text = mem_dup(media_of_file(f->path));
    else if (str_eq(as, "name"))
        text = file_base_name(f);
    else
        text = file_address(t, f);
    value = cJSON_CreateString(text);
    free(text);
    return value;
}

/* --- values --- */

static cJSON *text_or_absent(const char *text)
{
    return text && *text ? cJSON_CreateString(text) : NULL;
}

static cJSON *number_or_absent(double number)
{
    return number > 0 ? cJSON_CreateNumber(number) : NULL;
}

static cJSON *uuid_value(const char *handle)
{
    char text[37];
    if (!handle || strlen(handle) != 32)
        return NULL;
    snprintf(text, sizeof text, "%.8s-%.4s-4%.3s-8%.3s-%.12s", handle, handle + 8, handle + 13,
             handle + 17, handle + 20);
    return cJSON_CreateString(text);
}

static cJSON *size_value(const struct talk *t, const char *name)
{
    double w = json_num(talk_params(t), "width", 0), h = json_num(talk_params(t), "height", 0);
    char text[64];
    if (w <= 0 || h <= 0)
        return NULL;
    if (str_eq(name, "pixels"))
        return cJSON_CreateNumber(w > h ? w : h);
    snprintf(text, sizeof text, "%.0f:%.0f", w, h);
    return cJSON_CreateString(text);
}

static cJSON *plain_value(const struct talk *t, const char *name)
{
    const struct job_row *job = t->ask->job;
    if (str_eq(name, "prompt"))
        return text_or_absent(job->prompt);
    if (str_eq(name, "negative"))
        return text_or_absent(job->negative);
    if (str_eq(name, "model"))
        return text_or_absent(t->model_id);
    if (str_eq(name, "title") || str_eq(name, "key"))
        return text_or_absent(str_eq(name, "key") ? job->key : job->title);
    if (str_eq(name, "handle"))
        return text_or_absent(t->handle);
    if (str_eq(name, "uuid"))
        return uuid_value(t->handle);
    if (str_eq(name, "seed"))
        return cJSON_CreateNumber((double)talk_seed(t));
    if (str_eq(name, "ratio") || str_eq(name, "pixels"))
        return size_value(t, name);
    if (str_eq(name, "seconds"))
        return number_or_absent(
            json_num(talk_params(t), "seconds", json_num(talk_meta(t), "duration_s", 0)));
    if (str_eq(name, "width") || str_eq(name, "height") || str_eq(name, "fps"))
        return number_or_absent(json_num(talk_params(t), name, 0));
    return NULL;
}

static cJSON *copy_or_absent(const cJSON *value)
{
    bool empty = !value || cJSON_IsNull(value) || (cJSON_IsString(value) && !*value->valuestring);
    return empty ? NULL : cJSON_Duplicate(value, true);
}

/* Bytes that mark a piece have no business in a text from outside. */
static void clear_marks(cJSON *value)
{
    cJSON *child;
    if (cJSON_IsString(value))
        for (char *p = value->valuestring; *p; p++)
            if (*p == PIECE_MARK)
                *p = ' ';
    cJSON_ArrayForEach(child, value) clear_marks(child);
}

static cJSON *group_value(const struct talk *t, const char *name)
{
    const char *below = strchr(name, '.');
    const cJSON *from = NULL;
    if (!below)
        return str_eq(name, "item") ? copy_or_absent(t->item) : plain_value(t, name);
    if (str_starts(name, "base."))
        return text_or_absent(talk_base(t, below + 1));
    if (str_starts(name, "params."))
        from = talk_params(t);
    else if (str_starts(name, "meta."))
        from = talk_meta(t);
    else if (str_starts(name, "set."))
        from = json_get(t->model, "set");
    else if (str_starts(name, "reply."))
        from = json_get(t->memo, "reply");
    else if (str_starts(name, "item."))
        from = t->item;
    from = cJSON_GetObjectItemCaseSensitive(from, below + 1);
    if (cJSON_IsString(from) && str_starts(name, "item."))
        return cJSON_Duplicate(from, true); /* an empty one is an answer, too */
    return copy_or_absent(from);
}

cJSON *reference_value(struct talk *t, const char *name, const char *as)
{
    const struct job_file *f = reference_file(t, name);
    cJSON *value;
    if (f)
        return file_value(t, f, as);
    value = str_eq(name, "base") ? text_or_absent(talk_base(t, NULL)) : group_value(t, name);
    clear_marks(value);
    return value;
}

bool reference_there(struct talk *t, const char *name)
{
    cJSON *value;
    if (reference_file(t, name))
        return true;
    if (str_eq(name, "inputs"))
        return t->ask->files->in_n > 0;
    value = reference_value(t, name, NULL);
    cJSON_Delete(value);
    return value != NULL;
}

bool reference_known(const cJSON *file, const char *name)
{
    for (size_t i = 0; plain_names[i]; i++)
        if (str_eq(name, plain_names[i]))
            return true;
    if (str_eq(name, "base"))
        return json_get(file, "base") || json_get(file, "pod");
    if (str_starts(name, "base."))
        return json_get(json_get(file, "bases"), name + strlen("base.")) != NULL;
    for (size_t i = 0; name_groups[i]; i++)
        if (str_starts(name, name_groups[i]) && name[strlen(name_groups[i])])
            return true;
    return false;
}
