/* A store of its own in a new folder for each test; both go when it ends. Include after cmocka.h.
 */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_STORE_HOME_H
#define TESTS_STORE_HOME_H

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "store/orders.h"
#include "store/store.h"

static char home[64];
static struct store *s;
static struct err e;

/* For calls that must succeed. */
static void ok(int rc)
{
    if (rc)
        fail_msg("%s: %s", err_word(rc), e.text);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(home, sizeof home, "/tmp/slated-store-XXXXXX");
    if (!mkdtemp(home))
        return -1;
    return store_open(home, false, &s, &e);
}

static int tear_down(void **state)
{
    (void)state;
    store_close(s);
    s = NULL;
    return file_remove_tree(home, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
