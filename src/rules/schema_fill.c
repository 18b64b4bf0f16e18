/* A checked document and its schema come in; the document leaves in its one form: members under
 * their own names, texts where texts are meant, defaults where nothing stood. Never adds a fault.
 */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "rules/schema_priv.h"

/* Other names become the member's own, in its old position. */
static void rename_member(const cJSON *field, cJSON *object)
{
    const cJSON *found = schema_member(object, field->string, field);
    cJSON *member;
    if (!found || str_eq(found->string, field->string))
        return;
    cJSON_DeleteItemFromObjectCaseSensitive(object, field->string); /* null, or nothing */
    member = cJSON_GetObjectItemCaseSensitive(object, found->string);
    cJSON_free(member->string);
    member->string = mem_dup(field->string);
}

static void write_as_text(const cJSON *field, cJSON *object)
{
    const cJSON *value = json_get(object, field->string);
    char *text;
    if (!str_eq(json_str(field, "as", ""), "string") ||
        (!cJSON_IsNumber(value) && !cJSON_IsBool(value)))
        return;
    text = json_compact(value);
    text[strcspn(text, "\n")] = '\0';
    json_set_str(object, field->string, text);
    free(text);
}

static void put_default(const cJSON *field, cJSON *object)
{
    const cJSON *value = json_get(field, "default");
    cJSON *made;
    if (json_get(object, field->string))
        return;
    if (value) {
        json_set(object, field->string, cJSON_Duplicate(value, true));
        return;
    }
    /* An object that is not there comes into being only for the defaults in it. */
    if (!str_eq(json_str(field, "type", ""), "object") || !json_get(field, "fields"))
        return;
    made = cJSON_CreateObject();
    schema_fill(field, made);
    if (made->child)
        json_set(object, field->string, made);
    else
        cJSON_Delete(made);
}

void schema_fill(const cJSON *schema, cJSON *doc)
{
    const cJSON *fields = json_get(schema, "fields"), *field;
    const cJSON *each = json_get(schema, cJSON_IsArray(doc) ? "items" : "values");
    cJSON *child;
    if (!cJSON_IsArray(doc) && !cJSON_IsObject(doc))
        return;
    if (cJSON_IsObject(doc)) {
        cJSON_ArrayForEach(field, fields)
        {
            rename_member(field, doc);
            write_as_text(field, doc);
            put_default(field, doc);
            if ((child = cJSON_GetObjectItemCaseSensitive(doc, field->string)))
                schema_fill(field, child);
        }
    }
    if (!each)
        return;
    cJSON_ArrayForEach(child, doc) schema_fill(each, child);
}
