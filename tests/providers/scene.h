/* What the tests of provider files share: the rules as they are, a folder, and a job with its files
 * as a provider is asked about it. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_PROVIDERS_SCENE_H
#define TESTS_PROVIDERS_SCENE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "providers/provider.h"

#define NOW_S 1760000000 /* October 2025: nothing is retired yet */

static struct rules *rules;
static char dir[] = "/tmp/slated-providers-XXXXXX";

static inline int setup(void **state)
{
    struct faults faults = {0};
    (void)state;
    return !mkdtemp(dir) || rules_load("rules", &rules, &faults) || providers_check(rules, &faults);
}

static inline int teardown(void **state)
{
    (void)state;
    rules_release(rules);
    return file_remove_tree(dir, NULL);
}

static inline cJSON *load(const char *path)
{
    char *text = NULL;
    size_t len;
    cJSON *tree;
    assert_int_equal(file_read(path, 1 << 20, &text, &len, NULL), 0);
    tree = cJSON_Parse(text);
    assert_non_null(tree);
    free(text);
    return tree;
}

static unsigned char picture[128];
static size_t picture_len;

static inline void decode(const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0;
    int have = 0;
    picture_len = 0;
    for (; *text && *text != '='; text++) {
        bits = bits << 6 | (unsigned)(strchr(digits, *text) - digits);
        have += 6;
        if (have >= 8)
            picture[picture_len++] = (unsigned char)(bits >> (have -= 8));
    }
}

/* --- a job --- */

struct scene {
    struct job_row job;
    struct job_files files;
    struct job_file in[4], out[1];
    struct ask ask;
    char paths[5][128];
    char *params, *memo;
};

static inline void scene_input(struct scene *s, const char *name, bool large)
{
    size_t i = s->files.in_n++;
    FILE *f;
    snprintf(s->paths[i], sizeof s->paths[i], "%s/%s.png", dir, name);
    f = fopen(s->paths[i], "wb");
    assert_non_null(f);
    fwrite(picture, 1, picture_len, f);
    for (int k = 0; large && k < 600; k++)
        fwrite(s->paths, 1, sizeof s->paths, f);
    fclose(f);
    s->in[i] = (struct job_file){(char *)name, s->paths[i]};
}

static inline void scene_open(struct scene *s, const cJSON *row, const char *op)
{
    const cJSON *name;
    memset(s, 0, sizeof *s);
    s->params = json_get(row, "params") ? json_compact(json_get(row, "params")) : mem_dup("{}");
    s->memo = json_get(row, "memo") ? json_compact(json_get(row, "memo")) : NULL;
    s->job = (struct job_row){.key = (char *)"SH01",
                              .title = (char *)"a shot",
                              .op = (char *)json_str(row, "op", op),
                              .engine = (char *)json_str(row, "engine", ""),
                              .model = (char *)json_str(row, "model", ""),
                              .params = s->params,
                              .prompt = (char *)json_str(row, "prompt", NULL),
                              .negative = (char *)json_str(row, "negative", NULL),
                              .memo = s->memo};
    memset(s->job.hash, 'a', DIGEST_LEN - 1);
    cJSON_ArrayForEach(name, json_get(row, "inputs"))
        scene_input(s, name->valuestring, json_bool(row, "large", false));
    snprintf(s->paths[4], sizeof s->paths[4], "%s/out.png", dir);
    s->out[0] = (struct job_file){(char *)"picture", s->paths[4]};
    s->files.in = s->in;
    s->files.out = s->out;
    s->files.out_n = 1;
    s->ask = (struct ask){.rules = rules,
                          .job = &s->job,
                          .files = &s->files,
                          .work = dir,
                          .handle = "0123456789abcdef0123456789abcdef",
                          .now_s = NOW_S};
}

static inline void scene_close(struct scene *s)
{
    free(s->params);
    free(s->memo);
}

static inline const struct provider *provider_of(const struct scene *s)
{
    const struct provider *p = provider_find(rules, s->job.engine, s->job.op);
    assert_non_null(p);
    return p;
}

#endif
