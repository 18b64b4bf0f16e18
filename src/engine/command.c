/* What a person asked for comes in as a value, from this process or as a file in .slated/commands;
 * its verb changes the store, and an answer in words goes out. Every command may come twice (a
 * crash between carrying it out and removing its file) and then does nothing more. */
/* SPDX-License-Identifier: ISC */
#include "engine/cards.h"
#include "engine/command.h"
#include "engine/manual.h"
#include "engine/pods.h"
#include "engine/trial.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

int command_end(struct engine *en, int rc, struct err *e)
{
    if (!rc)
        return store_commit(en->store, e);
    store_rollback(en->store);
    return rc;
}

int command_find_drop(struct engine *en, const cJSON *command, struct drop_row *ret_drop,
                      struct err *e)
{
    const char *name = json_str(command, "drop", "");
    memset(ret_drop, 0, sizeof(*ret_drop));
    if (!*name || store_drop_named(en->store, name, ret_drop))
        return err_set(e, ERR_MISSING, "no drop is called %s; `slated status` lists them",
                       *name ? name : "(nothing)");
    return 0;
}

/* What is approved may be a card, by its file's name; else it is a shot. */
static int verb_approve(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    bool yes = str_eq(json_str(command, "verdict", ""), "approved");
    int rc = yes ? cards_answer(en, json_str(command, "unit", ""), true, ret_said, e) : ERR_MISSING;
    if (rc != ERR_MISSING)
        return rc;
    *e = (struct err){0};
    return verb_verdict(en, command, ret_said, e);
}

/* --- the table and its two doors --- */

static const struct verb {
    const char *name;
    int (*act)(struct engine *en, const cJSON *command, char **ret_said, struct err *e);
} verbs[] = {
    {"retry", verb_retry},       {"cancel", verb_cancel},     {"pause", verb_pause},
    {"resume", verb_resume},     {"escalate", verb_escalate}, {"note", verb_note},
    {"redo", verb_redo},         {"enhance", verb_enhance},   {"bundle", verb_bundle},
    {"tag", verb_tag},           {"verdict", verb_approve},   {"card", verb_card},
    {"trial", verb_trial},       {"engines", verb_engines},   {"spent", by_hand_book},
    {"pod_stop", verb_pod_stop},
};

cJSON *engine_command(struct engine *en, const cJSON *command)
{
    const char *name = json_str(command, "verb", "");
    struct err e = {0};
    char *said = NULL;
    int rc = err_set(&e, ERR_UNSUPPORTED, "there is no command %s", name);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
        if (str_eq(verbs[i].name, name)) {
            memset(&e, 0, sizeof(e));
            rc = verbs[i].act(en, command, &said, &e);
        }
    cJSON *answer = cJSON_CreateObject();
    json_set_bool(answer, "ok", rc == 0);
    json_set_str(answer, "said", rc ? e.text : said);
    log_line(LOG_INFO, "command", "verb=%s ok=%d said=%s", log_quote(name), rc == 0,
             log_quote(rc ? e.text : said));
    en->needs_you_dirty = true;
    pods_reconsider(en);
    free(said);
    return answer;
}

static void command_file(struct engine *en, const char *name)
{
    char *path = path_join(en->places.commands, name), *text = NULL;
    char *stem = path_stem(name),
         *answer_path = mem_printf("%s/%s.answer", en->places.commands, stem);
    size_t len = 0;
    struct err e = {0};
    struct json_fault fault;
    cJSON *command = NULL;
    if (file_read(path, 65536, &text, &len, &e) ||
        json_parse(text, len, &json_limits_drop, &command, &fault)) {
        log_line(LOG_WARN, "command", "file=%s why=%s", log_quote(name),
                 log_quote(text ? "it is no JSON that can be read" : e.text));
    } else {
        cJSON *answer = engine_command(en, command);
        char *said = json_pretty(answer);
        (void)file_write(answer_path, said, strlen(said), false,
                         NULL); /* the asker says that it heard nothing */
        free(said);
        cJSON_Delete(answer);
    }
    unlink(path);
    cJSON_Delete(command);
    free(text);
    free(path);
    free(stem);
    free(answer_path);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_command(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && str_ends(entry->d_name, ".json");
}

void commands_turn(struct engine *en)
{
    struct dirent **names = NULL;
    int n = scandir(en->places.commands, &names, is_command, by_name);
    for (int i = 0; i < n; i++) {
        command_file(en, names[i]->d_name);
        free(names[i]);
    }
    free(names);
}
