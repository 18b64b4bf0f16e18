/* The receipts in inbox/ come in; those of drops that are over, and of refusals, go out after the
 * time the policy gives them. A receipt whose entry still lies there, or whose drop is at work,
 * stays. Only hints when to go are in the store: what lies there decides. */
/* SPDX-License-Identifier: ISC */
#include "engine/upkeep.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "report/report.h"

#define RECEIPT_TAIL ".slated.txt"

/* The names of receipts that stay; keys are owned. */
static void keep(struct map *kept, const char *entry)
{
    char *name = receipt_name(entry);
    if (map_get(kept, name))
        free(name);
    else
        map_put(kept, name, name);
}

static int keep_of_drops(struct engine *en, enum drop_state state, struct map *kept)
{
    struct drop_row *drops = NULL;
    size_t n = 0;
    int rc = store_drops(en->store, state, 0, &drops, &n);
    for (size_t i = 0; i < n; i++) {
        keep(kept, drops[i].entry);
        drop_row_finish(&drops[i]);
    }
    free(drops);
    return rc;
}

static int keep_of_entries(struct engine *en, struct map *kept)
{
    DIR *dir = opendir(en->places.inbox);
    if (!dir)
        return -1;
    for (const struct dirent *entry; (entry = readdir(dir));)
        if (!str_ends(entry->d_name, RECEIPT_TAIL))
            keep(kept, entry->d_name);
    closedir(dir);
    return 0;
}

static void remove_old(struct engine *en, const struct map *kept, int64_t before_s)
{
    DIR *dir = opendir(en->places.inbox);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        struct stat st;
        if (!str_ends(entry->d_name, RECEIPT_TAIL) || map_get(kept, entry->d_name))
            continue;
        char *path = path_join(en->places.inbox, entry->d_name);
        if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mtime < before_s)
            unlink(path); /* it cannot: looked at again in an hour */
        free(path);
    }
    if (dir)
        closedir(dir);
}

void receipts_sweep(struct engine *en)
{
    struct map kept = {0};
    double hours = rules_policy_num(en->rules, "/receipts/keep_done_h");
    size_t at = 0;
    if (keep_of_drops(en, DROP_TAKING, &kept) == 0 && keep_of_drops(en, DROP_RUNNING, &kept) == 0 &&
        keep_of_entries(en, &kept) == 0)
        remove_old(en, &kept, en->now_s - (int64_t)(hours * 3600));
    for (char *name; (name = map_next(&kept, &at));)
        free(name);
    map_finish(&kept);
}
