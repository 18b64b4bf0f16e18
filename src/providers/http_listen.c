/* Where an engine tells how far it is, and what a message of it means. Only for showing: the truth
 * is what it answers when it is asked. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

char *provider_listen_url(const struct ask *ask, bool *ret_private)
{
    struct talk t;
    char *url = NULL, *ws = NULL;
    bool secure = false;
    const cJSON *file = json_get(rules_kind(ask->rules, "providers"), ask->job->engine);
    const char *template = json_str(json_get(file, "listen"), "url", NULL);
    if (!template)
        return NULL;
    talk_open(&t, ask);
    if (json_get(json_get(t.memo, "reply"), "id") && text_fill(&t, template, &url, NULL) == 0 &&
        str_starts(url, "http"))
        ws = mem_printf("ws%s", url + strlen("http"));
    secure = ws && str_starts(ws, "wss://");
    *ret_private = secure || json_bool(t.file, "private", false); /* a certificate says who it is */
    free(url);
    talk_close(&t);
    return ws;
}

static double number_at(const cJSON *message, const cJSON *listen, const char *what)
{
    const cJSON *value = pointer_first(message, json_str(listen, what, ""));
    return cJSON_IsNumber(value) ? value->valuedouble : -1;
}

bool provider_heard(const struct rules *rules, const char *engine, const char *text, char **ret_id,
                    int *ret_percent)
{
    const cJSON *file = json_get(rules_kind(rules, "providers"), engine);
    const cJSON *listen = json_get(file, "listen");
    cJSON *message = listen ? cJSON_Parse(text) : NULL;
    const char *kind =
        cJSON_GetStringValue(pointer_first(message, json_str(listen, "at", "/type")));
    const char *id = cJSON_GetStringValue(pointer_first(message, json_str(listen, "id", "")));
    double value = number_at(message, listen, "value"), most = number_at(message, listen, "max");
    bool good = kind && id && str_eq(kind, json_str(listen, "is", "progress")) && value >= 0 &&
                most > 0 && value <= most;
    if (good) {
        *ret_id = mem_dup(id);
        *ret_percent = (int)(100 * (value / most));
    }
    cJSON_Delete(message);
    return good;
}
