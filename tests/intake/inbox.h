/* An inbox of its own for each test, and reading what was put into it with the rules of the
 * repository. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_INTAKE_INBOX_H
#define TESTS_INTAKE_INBOX_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "intake/intake.h"
#include "intake/make.h"

static char root[64];
static struct rules *rules;

static inline int make_root(void **state)
{
    char inbox[80];
    (void)state;
    (void)str_format(root, sizeof root, "%s", "/tmp/slated-intake-XXXXXX");
    if (!mkdtemp(root) || !str_format(inbox, sizeof inbox, "%s/inbox", root))
        return -1;
    return file_make_dirs(inbox, NULL);
}

static inline int remove_root(void **state)
{
    (void)state;
    return file_remove_tree(root, NULL);
}

static inline int load_rules(void **state)
{
    struct faults faults = {0};
    struct buf text;
    (void)state;
    if (rules_load("rules", &rules, &faults) == 0)
        return 0;
    buf_init(&text, 20000);
    faults_text(&faults, &text);
    fprintf(stderr, "%s\n", text.data);
    return -1;
}

static inline int release_rules(void **state)
{
    (void)state;
    rules_release(rules);
    return 0;
}

/* name is below the root: "inbox/a.json". */
static inline void write_bytes(const char *name, const void *bytes, size_t n)
{
    char *path = path_join(root, name), *folder = path_dir(path);
    struct err e;
    if (file_make_dirs(folder, &e) != 0 || file_write(path, bytes, n, false, &e) != 0)
        fail_msg("%s", e.text);
    free(folder);
    free(path);
}

static inline void write_text(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

static inline void write_png(const char *name)
{
    struct bytes png = make_png(640, 480);
    write_bytes(name, png.b, png.n);
}

static inline struct intake_answer read_from(const struct rules *by, const char *folder,
                                             const char *name)
{
    char *dir = path_join(root, folder);
    struct intake_place place = {.root = root, .dir = dir};
    struct intake_answer answer;
    struct listing *listing = NULL;
    struct err e = {0};
    if (listing_make(dir, name, &listing_limits_default, &listing, &e) != 0)
        fail_msg("%s", e.text);
    intake_read(by, &place, listing, &answer);
    free(dir);
    return answer;
}

static inline struct intake_answer read_entry(const char *name)
{
    return read_from(rules, "inbox", name);
}

static inline void fail_with(const struct faults *faults, const char *what)
{
    struct buf text;
    buf_init(&text, 20000);
    faults_text(faults, &text);
    fail_msg("%s: %s", what, text.data ? text.data : "no fault");
}

/* The order of an entry that must give one. */
static inline struct intake_answer read_order(const char *name)
{
    struct intake_answer a = read_entry(name);
    if (a.verdict != INTAKE_ORDER)
        fail_with(&a.faults, name);
    return a;
}

/* The first fault's code of an entry that must be refused; "" otherwise. Borrowed. */
static inline const char *refusal(struct intake_answer *a)
{
    return a->verdict == INTAKE_REFUSED && a->faults.n ? a->faults.list[0].code : "";
}

static inline void assert_canonical(const cJSON *tree, const char *expected)
{
    char *text = json_canonical(tree);
    assert_string_equal(text, expected);
    free(text);
}

#endif
