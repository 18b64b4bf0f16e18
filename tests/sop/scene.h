/* What the tests of procedures share: a folder of rules that a test writes. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SOP_SCENE_H
#define TESTS_SOP_SCENE_H

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "sop/sop.h"

static char dir[64];

static inline bool dir_make(void)
{
    (void)str_format(dir, sizeof dir, "%s", "/tmp/slated-sop-XXXXXX");
    return mkdtemp(dir) != NULL;
}

static inline void put(const char *name, const char *text)
{
    char *path = path_join(dir, name), *folder = path_dir(path);
    assert_int_equal(file_make_dirs(folder, NULL), 0);
    assert_int_equal(file_write(path, text, strlen(text), false, NULL), 0);
    free(folder);
    free(path);
}

/* rules/sops/site/<name>.json with these steps, and more members behind them. */
static inline void put_procedure(const char *name, const char *steps, const char *more)
{
    char *text = mem_printf("{\"about\": \"a\", \"title\": \"t\", \"ops\": [\"%s.make\"], "
                            "\"credits\": 4, \"seconds\": 1, \"steps\": [%s]%s}",
                            name, steps, more);
    char *path = mem_printf("sops/site/%s.json", name);
    put(path, text);
    free(path);
    free(text);
}

#endif
