/* A failure type comes in, from a person; it is stored with the fix and never invented. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "engine/manual.h"
#include "manual/target.h"

/* The newest fix of a unit that is not tagged, else its newest. 0 when it has none. */
static int64_t newest_fix(struct engine *en, int64_t drop_id, const char *unit)
{
    struct fix_row *rows = NULL;
    size_t n = 0;
    int64_t id = 0;
    bool open = false;
    if (store_fixes(en->store, drop_id, unit, &rows, &n))
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (!rows[i].tag || !open) {
            id = rows[i].id;
            open = open || !rows[i].tag;
        }
        fix_row_finish(&rows[i]);
    }
    free(rows);
    return id;
}

int tag_unit(struct engine *en, const struct unit *u, const char *tag, struct err *e)
{
    struct escalation_row flag = {0};
    int64_t fix = newest_fix(en, u->drop.id, u->jobs[0].unit);
    bool open = store_escalation(en->store, u->drop.id, u->jobs[0].unit, &flag) == 0;
    int rc = fix || open ? store_begin(en->store, e)
                         : err_set(e, ERR_STATE, "%s was neither escalated nor mended",
                                   u->jobs[0].unit);
    if (!rc) {
        if (fix)
            rc = store_set_fix_tag(en->store, fix, tag, false, e);
        if (!rc && open) {
            free(flag.tag);
            flag.tag = mem_dup(tag);
            rc = store_set_escalation(en->store, &flag, e);
        }
        if (!rc)
            rc = store_commit(en->store, e);
        else
            store_rollback(en->store);
    }
    escalation_row_finish(&flag);
    desk_touch(en, u->drop.id);
    en->needs_you_dirty = true;
    return rc;
}

int verb_tag(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    struct unit u;
    const char *tag = NULL;
    memset(&u, 0, sizeof(u));
    int rc = manual_tag_read(json_str(command, "tag", ""), &tag, e);
    if (!rc)
        rc = unit_find(en, json_str(command, "unit", ""), json_str(command, "drop", NULL), &u, e);
    if (!rc)
        rc = tag_unit(en, &u, tag, e);
    if (!rc)
        *ret_said = mem_printf("%s: %s", u.jobs[0].unit, tag);
    unit_finish(&u);
    return rc;
}
