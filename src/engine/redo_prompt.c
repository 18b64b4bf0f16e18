/* A prompt that a person brought comes in: a card in approve/ offers to make its shot's clip (or
 * pictures) with it, with the price. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/cards.h"
#include "engine/redo_offer.h"
#include "engine/words.h"

/* The text step of a card, its unit, and what it wrote: all owned by the caller, also after an
 * error. */
struct brought {
    struct job_row job;
    struct unit u;
    cJSON *document;
    struct redo_wish wish; /* borrows from document */
};

static void brought_finish(struct brought *b)
{
    job_row_finish(&b->job);
    unit_finish(&b->u);
    cJSON_Delete(b->document);
}

static int brought_find(struct engine *en, int64_t job_id, struct brought *ret, struct err *e)
{
    memset(ret, 0, sizeof(*ret));
    if (store_job(en->store, job_id, &ret->job))
        return err_set(e, ERR_MISSING, "the text of this card is not known any more");
    cJSON *meta = cJSON_Parse(ret->job.meta);
    int rc = unit_of_drop(en, ret->job.drop_id, ret->job.unit, &ret->u, e);
    if (!rc)
        rc = enhanced_find(en, &ret->u, json_str(meta, "target", NULL), &ret->document, e);
    ret->wish.prompt = json_str(ret->document, "prompt", NULL);
    ret->wish.negative = json_str(ret->document, "negative", NULL);
    ret->wish.still = str_eq(json_str(ret->document, "kind", ""), "still");
    cJSON_Delete(meta);
    return rc;
}

static char *card_text(const struct brought *b, int n, double price)
{
    return mem_printf("a new prompt for %s: %d made with the old one\n%s\n\nMade again with it: "
                      "about %.2f. What lies there now is kept as an older version.\nDrag this "
                      "card to go/ to make it again, to no/ to leave it as it is; bundles use the "
                      "new prompt\neither way.\n",
                      b->job.unit, n, b->wish.prompt, price);
}

void redo_offer_prompt(struct engine *en, int64_t job_id)
{
    struct brought b;
    struct err e = {0};
    char subject[24];
    double price = 0;
    (void)str_format(subject, sizeof(subject), "%lld", (long long)job_id); /* a number fits */
    card_gone(en, "prompt", subject);
    int rc = brought_find(en, job_id, &b, &e);
    int n = rc ? 0 : redo_prompted(&b.u, b.wish.still, &price);
    if (n) {
        char *file = mem_printf("make %d again for %s with its new prompt - est %.2f - %s.md", n,
                                b.job.unit, price, b.u.drop.entry);
        char *text = card_text(&b, n, price);
        if (card_put(en, "prompt", subject, file, text, &e))
            engine_say(en, "error", "no card can be laid out for the new prompt of %s: %s",
                       b.job.unit, e.text);
        free(text);
        free(file);
    }
    brought_finish(&b);
}

int card_prompt(struct engine *en, const struct card_row *card, bool yes, char **ret_said,
                struct err *e)
{
    struct brought b = {0};
    int64_t id = 0;
    int n = 0;
    if (!yes) {
        *ret_said = mem_dup("what was made with the old prompt stays");
        return 0;
    }
    int rc = str_int(card->subject, 1, INT64_MAX, &id)
                 ? err_set(e, ERR_MISSING, "the text of this card is not known any more")
                 : brought_find(en, id, &b, e);
    if (!rc)
        rc = redo_open(en, &b.u, &b.wish, &n, e);
    if (!rc)
        *ret_said = mem_printf("%d of %s made again with the new prompt", n, b.job.unit);
    brought_finish(&b);
    return rc;
}
