/* Folders of jobs at work: one is made when a job starts and emptied when its files have their
 * names. Emptied ones wait under .slated/spare for the next jobs, because to make and to remove one
 * costs a file system more than all that is written into it. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"

#define SPARE_MOST 256

char *work_folder(const struct engine *en, int64_t job_id)
{
    return mem_printf("%s/%lld", en->places.work, (long long)job_id);
}

static char *spare_folder(const struct engine *en, int n)
{
    return mem_printf("%s/%d", en->places.spare, n);
}

/* A name that is taken by an empty folder is free. */
static bool take_spare(struct engine *en, const char *dir)
{
    if (!en->spare_n)
        return false;
    char *spare = spare_folder(en, --en->spare_n);
    bool taken = rename(spare, dir) == 0;
    free(spare);
    return taken;
}

int work_make(struct engine *en, const char *dir)
{
    return take_spare(en, dir) || mkdir(dir, 0755) == 0 ? 0 : -1;
}

void work_remove(struct engine *en, int64_t job_id)
{
    char *dir = work_folder(en, job_id);
    (void)file_remove_tree(dir, NULL); /* swept at the next start */
    free(dir);
}

void work_clear(struct engine *en, int64_t job_id)
{
    char *dir = work_folder(en, job_id), *spare = spare_folder(en, en->spare_n);
    bool kept =
        en->spare_n < SPARE_MOST && file_empty_dir(dir, NULL) == 0 && rename(dir, spare) == 0;
    en->spare_n += kept;
    if (!kept)
        (void)file_remove_tree(dir, NULL); /* swept at the next start */
    free(spare);
    free(dir);
}
