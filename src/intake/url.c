/* A web address comes in; whether slated may ever ask for it goes out, told by its text alone.
 * Where a name leads is judged again by whoever connects. */
/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "intake/intake_priv.h"

#define URL_LEN_MAX  2048
#define HOST_LEN_MAX 255

static bool v4_is_closed(struct in_addr address)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = address};
    return !address_is_public((struct sockaddr *)&in);
}

static bool v6_is_closed(const unsigned char address[16])
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    memcpy(&in6.sin6_addr, address, 16);
    return !address_is_public((struct sockaddr *)&in6);
}

static bool is_local_name(const char *host)
{
    static const char *const ends[] = {".localhost", ".local", ".internal", ".lan", ".home.arpa"};
    if (!strchr(host, '.'))
        return true; /* a bare name is looked up in the own network */
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (str_ends_nocase(host, ends[i]))
            return true;
    }
    return false;
}

static const char *judge_host(char *host, const char **ret_why)
{
    struct in_addr v4;
    unsigned char v6[16];
    size_t len = strlen(host);
    if (host[0] == '[') {
        *ret_why = "a host that is no address";
        if (len < 3 || host[len - 1] != ']')
            return "URL_FORM";
        host[len - 1] = '\0';
        if (inet_pton(AF_INET6, host + 1, v6) != 1)
            return "URL_FORM";
        *ret_why = "an address inside a private network";
        return v6_is_closed(v6) ? "URL_FORBIDDEN" : NULL;
    }
    while (len && host[len - 1] == '.')
        host[--len] = '\0';
    *ret_why = "a host that is no name";
    if (!len ||
        strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != len)
        return "URL_FORM";
    *ret_why = "an address inside a private network";
    /* inet_aton reads what connect() would: 2130706433, 0x7f.1, 0177.0.0.1 */
    if (inet_aton(host, &v4))
        return v4_is_closed(v4) ? "URL_FORBIDDEN" : NULL;
    return is_local_name(host) ? "URL_FORBIDDEN" : NULL;
}

/* Splits "host:port" and checks the port; host is cut at the colon. */
static bool port_is_sound(char *host)
{
    char *end = host[0] == '[' ? strchr(host, ']') : host, *colon = end ? strchr(end, ':') : NULL;
    int64_t port;
    if (!colon)
        return true;
    *colon = '\0';
    return !colon[1] || str_int(colon + 1, 1, 65535, &port) == 0;
}

const char *url_judge(const char *url, const char **ret_why)
{
    size_t start = strncasecmp(url, "https://", 8) == 0  ? 8
                   : strncasecmp(url, "http://", 7) == 0 ? 7
                                                         : 0;
    char host[HOST_LEN_MAX + 1];
    size_t len;
    *ret_why = "more than 2,048 characters";
    if (strlen(url) > URL_LEN_MAX)
        return "URL_FORM";
    *ret_why = "no address that begins with http:// or https://";
    if (!start)
        return "URL_FORM";
    *ret_why = "blanks, control characters or backslashes";
    for (const char *c = url; *c; c++) {
        if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '\\')
            return "URL_FORM";
    }
    len = strcspn(url + start, "/?#");
    *ret_why = "a user or password in the address";
    if (memchr(url + start, '@', len))
        return "URL_FORM";
    *ret_why = "a host that is too long";
    if (!str_format(host, sizeof host, "%.*s", (int)len, url + start))
        return "URL_FORM";
    *ret_why = "a port that is no port";
    if (!port_is_sound(host))
        return "URL_FORM";
    return judge_host(host, ret_why);
}

/* --- in documents --- */

struct url_ctx {
    struct reading *reading;
    const char *name;
    bool private_ok; /* the policy allows addresses inside */
};

static void visit_url(void *ctx, cJSON *value, const char *pointer)
{
    struct url_ctx *u = ctx;
    const char *text = cJSON_GetStringValue(value), *why = NULL, *code;
    char *place, *found;
    if (!text || !*text)
        return;
    code = url_judge(text, &why);
    if (!code || (str_eq(code, "URL_FORBIDDEN") && u->private_ok))
        return;
    place = mem_printf("%s: %s", u->name, pointer);
    found = mem_printf("%s: %.80s", why, text);
    answer_add_fault(u->reading, code, place, found,
                     "a public http or https address without user and password",
                     "Correct the address, or put the picture beside and name it in "
                     "\"reference_image\".");
    free(place);
    free(found);
}

void urls_check(struct reading *r, const cJSON *rule, const char *name, cJSON *tree)
{
    struct url_ctx u = {r, name, cJSON_IsTrue(rules_policy(r->rules, "/intake/private_urls"))};
    const cJSON *at;
    cJSON_ArrayForEach(at, json_get(rule, "/document/urls"))
        pointers_each(tree, at->valuestring, visit_url, &u);
}
