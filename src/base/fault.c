/* Gathers faults and prints them for people. Judges nothing. */
/* SPDX-License-Identifier: ISC */
#include "base/fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define FAULTS_KEPT     50  /* more than a person mends in one go */
#define FAULT_SHOWN_LEN 200 /* bytes of `found` */

/* text as it can be shown, cut between two characters. Owned by the caller. */
static char *shown(const char *text)
{
    if (!text)
        return NULL;
    char *all = utf8_show(text);
    if (strlen(all) <= FAULT_SHOWN_LEN)
        return all;
    char *text_cut = mem_printf("%.*s...", (int)utf8_cut(all, FAULT_SHOWN_LEN), all);
    free(all);
    return text_cut;
}

void faults_add(struct faults *f, const char *code, const char *place, const char *found,
                const char *expected, const char *cure)
{
    if (f->n >= FAULTS_KEPT) {
        f->more++;
        return;
    }
    f->list = mem_grow(f->list, f->n + 1, sizeof *f->list);
    f->list[f->n++] = (struct fault){
        .code = mem_dup(code),
        .place = mem_dup(place),
        .found = shown(found),
        .expected = mem_dup(expected),
        .cure = mem_dup(cure),
    };
}

void faults_finish(struct faults *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free(f->list[i].code);
        free(f->list[i].place);
        free(f->list[i].found);
        free(f->list[i].expected);
        free(f->list[i].cure);
    }
    free(f->list);
    *f = (struct faults){0};
}

void fault_sentence(const struct fault *f, struct buf *out)
{
    buf_text(out, f->place);
    if (f->found || f->expected)
        buf_text(out, f->place && *f->place ? ": " : "");
    if (f->found)
        buf_printf(out, "found %s", f->found);
    if (f->expected)
        buf_printf(out, "%sexpected %s", f->found ? ", " : "", f->expected);
    buf_text(out, ".");
    if (f->cure)
        buf_printf(out, " %s", f->cure);
    buf_printf(out, " [%s]", f->code);
}

void faults_text(const struct faults *f, struct buf *out)
{
    for (size_t i = 0; i < f->n; i++) {
        if (i)
            buf_text(out, "\n");
        buf_printf(out, "%zu. ", i + 1);
        fault_sentence(&f->list[i], out);
        buf_text(out, "\n");
    }
    if (f->more)
        buf_printf(out, "\nand %zu more of this kind.\n", f->more);
}
