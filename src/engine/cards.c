/* Questions come in, files in approve/ go out; where a person drags them is the answer. Events are
 * hints: a look at go/ and no/ is the truth. */
/* SPDX-License-Identifier: ISC */
#include "engine/cards.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "watch/notice.h"

#define SETTLE_MS     50
#define CARD_NAME_MAX 200  /* bytes, without what is added to tell two apart */
#define BLIND_MS      5000 /* between looks where the system tells nothing */

struct cards {
    struct notice *notice;
    int64_t look_at_ms; /* 0: not until something is told */
    bool lay_out;       /* cards whose file is missing get it */
};

static const struct kind {
    const char *name;
    card_act *act;
} kinds[] = {
    {"plan", card_plan}, {"doubt", card_doubt}, {"redo", card_redo}, {"prompt", card_prompt}};

/* --- asking --- */

/* Whether a card that asks about something else has the file. */
static bool is_taken(const struct card_row *rows, size_t n, const char *kind, const char *subject,
                     const char *file)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(rows[i].file, file) &&
            !(str_eq(rows[i].kind, kind) && str_eq(rows[i].subject, subject)))
            return true;
    return false;
}

/* A name that fits any file system and that no other card which asks has: one drag is one answer.
 * Owned. */
static char *own_name(struct engine *en, const char *kind, const char *subject, const char *file)
{
    struct card_row *rows = NULL;
    size_t n = 0;
    char *safe = path_stem(file);
    for (char *c = safe; *c; c++)
        if (*c == '/' || (unsigned char)*c < ' ')
            *c = '-';
    safe[utf8_cut(safe, CARD_NAME_MAX)] = 0;
    char *name = mem_printf("%s.md", safe);
    if (store_cards_asked(en->store, &rows, &n))
        n = 0;
    for (int i = 2; is_taken(rows, n, kind, subject, name); i++) {
        free(name);
        name = mem_printf("%s (%d).md", safe, i);
    }
    for (size_t i = 0; i < n; i++)
        card_row_finish(&rows[i]);
    free(rows);
    free(safe);
    return name;
}

static void look_soon(struct cards *c, int64_t now_ms)
{
    c->lay_out = true;
    c->look_at_ms = now_ms;
}

int card_add(struct engine *en, const char *kind, const char *subject, const char *file,
             const char *text, struct err *e)
{
    char *name = own_name(en, kind, subject, file);
    struct card_row row = {.kind = (char *)kind,
                           .subject = (char *)subject,
                           .file = name,
                           .state = (char *)"asked",
                           .body = (char *)text,
                           .at_s = en->now_s};
    int rc = store_put_card(en->store, &row, e);
    if (!rc && en->cards)
        look_soon(en->cards, en->now_ms);
    en->needs_you_dirty = true;
    free(name);
    return rc;
}

int card_put(struct engine *en, const char *kind, const char *subject, const char *file,
             const char *text, struct err *e)
{
    int rc = store_begin(en->store, e);
    if (!rc && (rc = card_add(en, kind, subject, file, text, e)))
        store_rollback(en->store);
    return rc ? rc : store_commit(en->store, e);
}

static char *path_of(const struct engine *en, const char *folder, const char *file)
{
    return mem_printf("%s/%s%s", en->places.approve, folder, file);
}

static void remove_files(struct engine *en, const char *file)
{
    static const char *const folders[] = {"", "go/", "no/"};
    for (size_t i = 0; i < 3; i++) {
        char *path = path_of(en, folders[i], file);
        unlink(path); /* it lies in one of them at most */
        free(path);
    }
}

bool card_asks(struct engine *en, const char *kind, const char *subject)
{
    struct card_row row = {0};
    bool asks = store_card(en->store, kind, subject, &row) == 0 && str_eq(row.state, "asked");
    card_row_finish(&row);
    return asks;
}

int card_over(struct engine *en, const char *kind, const char *subject, struct err *e)
{
    struct card_row row = {0};
    int rc = store_card(en->store, kind, subject, &row);
    bool asks = !rc && str_eq(row.state, "asked");
    if (rc)
        rc = rc == ERR_MISSING ? 0 : err_set(e, rc, "the card about %s cannot be read", subject);
    if (asks)
        rc = store_set_card(en->store, row.id, "gone", e);
    if (asks && !rc)
        remove_files(en, row.file);
    if (asks && en->cards) /* a step that is taken back asks again */
        look_soon(en->cards, en->now_ms);
    card_row_finish(&row);
    return rc;
}

void card_gone(struct engine *en, const char *kind, const char *subject)
{
    struct err e = {0};
    if (card_asks(en, kind, subject) &&
        (store_begin(en->store, &e) || card_over(en, kind, subject, &e) ||
         store_commit(en->store, &e)))
        store_rollback(en->store); /* it asks once more than needed */
}

/* --- answers --- */

static int answer(struct engine *en, const struct card_row *card, bool yes, char **ret_said,
                  struct err *e)
{
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !rc; i++)
        if (str_eq(kinds[i].name, card->kind))
            rc = kinds[i].act(en, card, yes, ret_said, e);
    if (!rc)
        rc = store_set_card(en->store, card->id, yes ? "yes" : "no", e);
    if (rc)
        store_rollback(en->store);
    else
        rc = store_commit(en->store, e);
    if (!rc)
        remove_files(en, card->file);
    en->start_more = en->needs_you_dirty = true;
    return rc;
}

static void look_at(struct engine *en, const struct card_row *card)
{
    char *go = path_of(en, "go/", card->file), *no = path_of(en, "no/", card->file);
    char *here = path_of(en, "", card->file), *said = NULL;
    struct err e = {0};
    bool yes = file_exists(go), refused = file_exists(no);
    if (yes && refused)
        yes = false; /* both: the careful one */
    if (yes || refused) {
        int rc = answer(en, card, yes, &said, &e);
        engine_say(en, rc ? "error" : "answer", "%s: %s", card->file, rc ? e.text : said);
    } else if (en->cards->lay_out && !file_exists(here) &&
               file_write(here, card->body ? card->body : "", card->body ? strlen(card->body) : 0,
                          true, &e)) {
        engine_say(en, "error", "the card %s cannot be laid out: %s", card->file, e.text);
    }
    free(go);
    free(no);
    free(here);
    free(said);
}

int64_t cards_turn(struct engine *en)
{
    struct cards *c = en->cards;
    struct card_row *rows = NULL;
    size_t n = 0;
    if (c->notice && notice_drain(c->notice))
        c->look_at_ms = en->now_ms + SETTLE_MS;
    if (!c->look_at_ms)
        return INT64_MAX;
    if (c->look_at_ms > en->now_ms || store_cards_asked(en->store, &rows, &n))
        return c->look_at_ms;
    for (size_t i = 0; i < n; i++) {
        look_at(en, &rows[i]);
        card_row_finish(&rows[i]);
    }
    free(rows);
    c->lay_out = false;
    c->look_at_ms = !c->notice && n ? en->now_ms + BLIND_MS : 0;
    return c->look_at_ms ? c->look_at_ms : INT64_MAX;
}

void cards_flush(struct engine *en)
{
    struct card_row *rows = NULL;
    size_t n = 0;
    if (!en->cards->lay_out || store_cards_asked(en->store, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        look_at(en, &rows[i]);
        card_row_finish(&rows[i]);
    }
    free(rows);
    en->cards->lay_out = false;
}

int cards_answer(struct engine *en, const char *file, bool yes, char **ret_said, struct err *e)
{
    struct card_row *rows = NULL;
    size_t n = 0;
    int rc = store_cards_asked(en->store, &rows, &n);
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        char *stem = path_stem(rows[i].file);
        if (!found && (str_eq(rows[i].file, file) || str_eq(stem, file))) {
            found = true;
            rc = answer(en, &rows[i], yes, ret_said, e);
            rc = rc == ERR_MISSING ? (e->code = ERR_STATE) : rc; /* the card is there */
        }
        free(stem);
        card_row_finish(&rows[i]);
    }
    free(rows);
    if (!rc && !found)
        rc = err_set(e, ERR_MISSING, "no card in approve/ is called %s", file);
    return rc;
}

int verb_card(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    return cards_answer(en, json_str(command, "card", ""), json_bool(command, "yes", false),
                        ret_said, e);
}

/* --- opening and closing --- */

static void wake(void *ctx, int fd, short revents)
{
    (void)ctx; /* the turn looks */
    (void)fd;
    (void)revents;
}

void cards_open(struct engine *en)
{
    static const char *const folders[] = {"", "go", "no"};
    struct cards *c = en->cards = mem_alloc(sizeof(*c));
    c->notice = notice_open();
    for (size_t i = 0; i < 3 && c->notice; i++) {
        char *dir = path_of(en, folders[i], "");
        notice_add(c->notice, dir);
        free(dir);
    }
    c->lay_out = true;
    c->look_at_ms = en->now_ms;
    if (c->notice)
        loop_set(en->loop, notice_fd(c->notice), POLLIN, wake, en);
}

void cards_close(struct engine *en)
{
    if (!en->cards)
        return;
    notice_close(en->cards->notice);
    free(en->cards);
    en->cards = NULL;
}
