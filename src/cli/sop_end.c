/* How a procedure that is done by hand ends: its files go where somebody wanted them, or the page
 * is kept with what it says, and the procedure that stands in for it begins. Does no step. */
/* SPDX-License-Identifier: ISC */
#include "cli/sop_run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/mishap.h"

#define MISHAP_MS 20000

char *sop_path_here(const char *name)
{
    char *dir = getcwd(NULL, 0), *path = *name == '/' ? mem_dup(name) : path_join(dir, name);
    free(dir);
    return path;
}

/* NAME.png here, NAME-2.png when that is there; --out as it is. Owned. */
static char *out_path(const struct sop_run *r, const char *role, bool last, const char *from)
{
    const char *ext = path_ext(from);
    if (r->cli->out && last)
        return sop_path_here(r->cli->out);
    for (int n = 1;; n++) {
        char *name = last && n == 1 ? mem_printf("%s.%s", r->name, ext)
                     : last         ? mem_printf("%s-%d.%s", r->name, n, ext)
                     : n == 1       ? mem_printf("%s-%s.%s", r->name, role, ext)
                                    : mem_printf("%s-%s-%d.%s", r->name, role, n, ext);
        char *path = sop_path_here(name);
        free(name);
        if (!file_exists(path))
            return path;
        free(path);
    }
}

static int hand_out(struct sop_run *r)
{
    const cJSON *one;
    struct err e = {0};
    int code = CLI_OK;
    cJSON_ArrayForEach(one, r->fetched)
    {
        char *to = out_path(r, one->string, !one->next, one->valuestring);
        if (file_move(one->valuestring, to, &e))
            code = cli_fail("%s; it lies in %s", e.text, one->valuestring);
        else
            printf("%s\n", to);
        free(to);
    }
    return code;
}

/* The page is described, and the folder with it named; its tab stays when something goes on in it.
 */
static void keep_mishap(struct sop_run *r, const struct sop_turn *turn, bool on)
{
    struct response answer;
    struct err e = {0};
    char *state = path_join(r->root, ".slated"), *folder = NULL;
    bool tab = by_hand_run(&r->hand, r->dir, sop_page_acts(), MISHAP_MS, on, &answer) &&
               answer.kind == RESPONSE_ANSWERED && !json_bool(answer.body, "fresh", false);
    char *console = mishap_console(tab ? json_get(answer.body, "results") : NULL);
    struct mishap m = {.state = state,
                       .name = r->name,
                       .title = json_str(r->tree, "title", r->name),
                       .step = turn->step,
                       .error = turn->error,
                       .cure = turn->cure,
                       .pages = tab ? r->dir : NULL,
                       .console = console,
                       .trace = r->trace.data,
                       .keep = (int)rules_policy_num(r->rules, "/browser/mishaps"),
                       .now_s = clock_wall_s()};
    if (mishap_keep(&m, &folder, &e))
        cli_fail("what the page showed cannot be kept: %s", e.text);
    else if (folder)
        fprintf(stderr, "the page as it was: %s/%s\n", r->root, folder);
    free(console);
    free(folder);
    free(state);
    response_finish(&answer);
}

/* The wishes for it: what was asked for, but for the model, which is one of the other's. Owned. */
static cJSON *wishes_instead(const struct sop_run *r)
{
    cJSON *wishes = cJSON_Duplicate(r->wishes, true);
    cJSON_DeleteItemFromObjectCaseSensitive(wishes, "model");
    return wishes;
}

static const cJSON *sop_of(const struct sop_run *r, const char *name)
{
    char *path = mem_printf("sops/%s/%s", r->site, name);
    const cJSON *tree = rules_get(r->rules, path);
    free(path);
    return tree;
}

/* The state of the procedure that stands in for the one that failed, NULL when none does. Owned. */
static cJSON *instead(const struct sop_run *r, const struct sop_turn *turn)
{
    const char *name = sop_otherwise(r->rules, r->state);
    bool person = str_eq(turn->class, "auth") || str_eq(turn->class, "quota_exhausted");
    cJSON *other = NULL;
    struct err e = {0};
    if (!name || person)
        return NULL;
    cJSON *wishes = wishes_instead(r);
    const char *missing = sop_wish_missing(sop_of(r, name), wishes);
    if (missing) {
        fprintf(stderr, "%s cannot stand in: it needs %s: --set %s=...\n", name, missing, missing);
        cJSON_Delete(wishes);
    } else if (sop_begin(r->rules, r->site, name, wishes, &other, &e)) {
        fprintf(stderr, "%s cannot stand in: %s\n", name, e.text);
    } else {
        sop_carry(other, r->state);
    }
    return other;
}

/* What was agreed to was the other's price. */
static void go_on_instead(struct sop_run *r, cJSON *takes_state)
{
    const char *name = json_str(takes_state, "sop", "");
    printf("\n%s makes it in its place, as \"otherwise\" of %s says.\n", name,
           json_str(r->state, "sop", r->name));
    fflush(stdout);
    cJSON_Delete(r->state);
    r->state = takes_state;
    r->agreed = false;
    cJSON_Delete(r->asked);
    cJSON_Delete(r->said);
    r->asked = r->said = NULL;
    mem_free(r->step);
}

int sop_end_failed(struct sop_run *r, const struct sop_turn *turn)
{
    bool person = str_eq(turn->class, "auth") || str_eq(turn->class, "quota_exhausted");
    cJSON *other = instead(r, turn);
    putchar('\n');
    cli_fail("%s: %s", turn->step && *turn->step ? turn->step : r->name, turn->error);
    if (turn->cure)
        fprintf(stderr, "cure: %s\n", turn->cure);
    if (sop_spent(r->state) > 0)
        fprintf(stderr, "%g credits were spent before\n", sop_spent(r->state));
    keep_mishap(r, turn, other != NULL);
    if (!other)
        return person ? CLI_PERSON : CLI_ERROR;
    go_on_instead(r, other);
    return SOP_GOES_ON;
}

int sop_end_done(struct sop_run *r)
{
    double spent = sop_spent(r->state);
    printf("\ndone");
    printf(spent > 0 ? ", %g credits spent\n" : "\n", spent);
    return hand_out(r);
}
