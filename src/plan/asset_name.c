/* The text of a name comes in, its parts go out. Knows no shot and no file. */
/* SPDX-License-Identifier: ISC */
#include "plan/asset_name.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Groups of the pattern; CHARS_REST, SUFFIX_BAR and EXT_DOT only hold a repetition or an option
 * together. */
enum group {
    WHOLE,
    PROJECT,
    EPISODE,
    SCENE,
    TAKE,
    CHARS,
    CHARS_REST,
    SUFFIX_BAR,
    SUFFIX,
    EXT_DOT,
    EXT,
    GROUPS_N
};

static bool group_copy(const char *text, const regmatch_t *m, char *out, size_t out_len)
{
    size_t len = m->rm_so < 0 ? 0 : (size_t)(m->rm_eo - m->rm_so);
    if (len >= out_len)
        return false;
    memcpy(out, text + (len ? m->rm_so : 0), len);
    out[len] = '\0';
    return true;
}

static bool groups_copy(const char *text, const regmatch_t *m, struct asset_name *n)
{
    char episode[8];
    int64_t number;
    if (!group_copy(text, &m[PROJECT], n->project, sizeof n->project) ||
        !group_copy(text, &m[EPISODE], episode, sizeof episode) ||
        !group_copy(text, &m[SCENE], n->scene, sizeof n->scene) ||
        !group_copy(text, &m[TAKE], n->take, sizeof n->take) ||
        !group_copy(text, &m[CHARS], n->characters, sizeof n->characters) ||
        !group_copy(text, &m[SUFFIX], n->suffix, sizeof n->suffix) ||
        !group_copy(text, &m[EXT], n->ext, sizeof n->ext))
        return false;
    if (str_int(episode, 0, 999999, &number) != 0)
        return false;
    n->episode = (int)number;
    return true;
}

int asset_name_parse(const char *pattern, const char *text, struct asset_name *ret_name,
                     struct err *e)
{
    regmatch_t m[GROUPS_N];
    struct asset_name n = {0};
    regex_t expr;
    bool fits;

    if (regcomp(&expr, pattern, REG_EXTENDED) != 0)
        return err_set(e, ERR_RULES, "the pattern for asset names does not compile: %s", pattern);
    if (expr.re_nsub != GROUPS_N - 1) {
        regfree(&expr);
        return err_set(e, ERR_RULES, "the pattern for asset names has %zu groups, not %d: %s",
                       expr.re_nsub, GROUPS_N - 1, pattern);
    }
    fits = strlen(text) <= ASSET_NAME_LEN && regexec(&expr, text, GROUPS_N, m, 0) == 0 &&
           groups_copy(text, m, &n);
    regfree(&expr);
    if (!fits)
        return err_set(e, ERR_INPUT, "\"%s\" is not of the form PRJ_EP001_S01_T01_NAME", text);
    *ret_name = n;
    return 0;
}

int asset_name_check_stem(const char *pattern, const char *text, struct asset_name *ret_name,
                          struct err *e)
{
    struct asset_name n;
    int rc = asset_name_parse(pattern, text, &n, e);
    if (rc != 0)
        return rc;
    if (*n.suffix || *n.ext)
        return err_set(e, ERR_INPUT,
                       "\"%s\" must end with the characters, without suffix or extension", text);
    *ret_name = n;
    return 0;
}
