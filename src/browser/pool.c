/* A configuration comes in, seats go out. Gives no seat any work, and takes none from a seat that
 * has some. */
/* SPDX-License-Identifier: ISC */
#include "browser/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* --- what is wanted --- */

void browser_config_read(const struct rules *rules, const char *dir, struct browser_config *ret,
                         const char ***ret_urls)
{
    const cJSON *urls = rules_policy(rules, "/browser/urls"), *url;
    const char **list = mem_grow(NULL, (size_t)cJSON_GetArraySize(urls) + 1, sizeof(*list));
    size_t n = 0;
    cJSON_ArrayForEach(url, urls) list[n++] = url->valuestring;
    *ret_urls = list;
    *ret = (struct browser_config){
        .urls = list,
        .urls_n = n,
        .starts = (int)rules_policy_num(rules, "/browser/start"),
        .program = rules_policy_str(rules, "/browser/program"),
        .headless = cJSON_IsTrue(rules_policy(rules, "/browser/headless")),
        .no_sandbox = cJSON_IsFalse(rules_policy(rules, "/browser/sandbox")),
        .anywhere = cJSON_IsTrue(rules_policy(rules, "/browser/anywhere")),
        .dir = dir,
    };
}

char *browser_lease(const char *dir, int n)
{
    return mem_printf("%s/lease-%d", dir, n);
}

static void forget_wanted(struct pool *p)
{
    for (size_t i = 0; i < p->wanted.urls_n; i++)
        free(p->urls[i]);
    free(p->urls);
    free((char *)p->wanted.program);
    free((char *)p->wanted.dir);
}

void pool_want(struct pool *p, const struct browser_config *config)
{
    char **urls = mem_grow(NULL, config->urls_n + 1, sizeof(*urls));
    struct browser_config copy = *config;
    for (size_t i = 0; i < config->urls_n; i++)
        urls[i] = mem_dup(config->urls[i]);
    copy.urls = (const char *const *)urls;
    copy.program = mem_dup(config->program);
    copy.dir = mem_dup(config->dir);
    forget_wanted(p);
    p->urls = urls;
    p->wanted = copy;
    p->changing = true;
}

static const char *url_of(const struct pool *p, int i)
{
    return i < (int)p->wanted.urls_n ? p->wanted.urls[i] : NULL;
}

bool pool_names(const struct pool *p, int i)
{
    const struct browser_config *c = &p->wanted;
    return i < (int)c->urls_n + c->starts && (!c->only || c->only == i + 1);
}

/* --- what there is --- */

static bool same_text(const char *a, const char *b)
{
    return str_eq(a ? a : "", b ? b : "");
}

bool pool_takes(const struct pool *p, int i)
{
    const struct seat *s = &p->seats[i];
    const struct browser_config *c = &p->wanted;
    if (!s->dir || !pool_names(p, i) || !same_text(s->url, url_of(p, i)) ||
        s->anywhere != c->anywhere)
        return false;
    return s->url || (same_text(s->program, c->program) && s->headless == c->headless &&
                      s->no_sandbox == c->no_sandbox);
}

/* Nothing is done in it, and nothing was said to it that it has not answered. */
static bool at_rest(const struct seat *s)
{
    return !s->run && !s->lease && (!s->cdp || s->lost || cdp_rests(s->cdp));
}

/* The browser at that address is still driven from the place it had before. */
static bool driven_yet(const struct pool *p, const char *url)
{
    for (int i = 0; i < SEATS_MAX && url; i++)
        if (p->seats[i].url && str_eq(p->seats[i].url, url) && !pool_takes(p, i))
            return true;
    return false;
}

static void fill(struct pool *p, int i)
{
    const struct browser_config *c = &p->wanted;
    p->seats[i] = (struct seat){.n = i,
                                .loop = p->loop,
                                .sockets = p->sockets,
                                .http = p->http,
                                .http_id = FIND_ID + i,
                                .url = mem_dup(url_of(p, i)),
                                .program = mem_dup(c->program),
                                .profile = mem_printf("%s/profile-%d", c->dir, i),
                                .dir = mem_dup(c->dir),
                                .tab = mem_printf("%s/tab-%d", c->dir, i),
                                .note = mem_printf("%s/version-%d.json", c->dir, i),
                                .headless = c->headless,
                                .no_sandbox = c->no_sandbox,
                                .anywhere = c->anywhere,
                                .held = browser_lease(c->dir, i),
                                .held_fd = -1};
}

static void empty(struct seat *s)
{
    seat_finish(s);
    memset(s, 0, sizeof(*s));
    s->held_fd = -1;
}

unsigned pool_renew(struct pool *p)
{
    unsigned fresh = 0;
    bool changing = false;
    for (int i = 0; i < SEATS_MAX && p->changing; i++)
        if (p->seats[i].dir && !pool_takes(p, i) && at_rest(&p->seats[i]))
            empty(&p->seats[i]);
    for (int i = 0; i < SEATS_MAX && p->changing; i++) {
        if (!p->seats[i].dir && pool_names(p, i) && !driven_yet(p, url_of(p, i))) {
            fill(p, i);
            fresh |= 1U << i;
        }
        changing = changing || (p->seats[i].dir || pool_names(p, i)) != pool_takes(p, i);
    }
    p->changing = changing;
    return fresh;
}

void pool_finish(struct pool *p)
{
    for (int i = 0; i < SEATS_MAX; i++)
        if (p->seats[i].dir)
            empty(&p->seats[i]);
    forget_wanted(p);
}
