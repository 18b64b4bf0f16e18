/* A schema and a document come in; every mismatch goes out as a fault with its place. Changes
 * neither. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "rules/kinds.h"
#include "rules/schema_priv.h"

void schema_fault(struct schema_report *r, const struct schema_at *at, const char *code,
                  const char *found, const char *expected, const char *cure)
{
    char *place = schema_place(r->file, at);
    faults_add(r->faults, code, place, found, expected, cure ? cure : "Correct it in the file.");
    r->added++;
    free(place);
}

const char *schema_nearest(const cJSON *among, const char *word)
{
    const cJSON *each;
    const char *nearest = NULL;
    int best = strlen(word) < 4 ? 2 : 3; /* a distance below this is a slip */
    cJSON_ArrayForEach(each, among)
    {
        const char *name = each->string ? each->string : cJSON_GetStringValue(each);
        int distance = name ? str_distance(name, word) : 99;
        if (distance > 0 && distance < best) {
            best = distance;
            nearest = name;
        }
    }
    return nearest;
}

/* Is name a member's own or other name? */
static bool is_known(const cJSON *fields, const char *name)
{
    const cJSON *field, *other;
    cJSON_ArrayForEach(field, fields)
    {
        if (str_eq(field->string, name))
            return true;
        cJSON_ArrayForEach(other, json_get(field, "also"))
        {
            if (str_eq(cJSON_GetStringValue(other), name))
                return true;
        }
    }
    return false;
}

/* A member nobody knows whose name is a slip of this field's, or NULL. Borrowed. */
static const char *slip_of(const cJSON *fields, const cJSON *object, const cJSON *field)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, object)
    {
        const char *near =
            is_known(fields, member->string) ? NULL : schema_nearest(fields, member->string);
        if (near && str_eq(near, field->string))
            return member->string;
    }
    return NULL;
}

static void check_missing(struct schema_report *r, const cJSON *fields, const cJSON *object,
                          const struct schema_at *at)
{
    const cJSON *field;
    cJSON_ArrayForEach(field, fields)
    {
        struct schema_at here = {.up = at, .key = field->string};
        const char *slip;
        char *type, *expected, *cure;
        if (!json_bool(field, "required", false) || schema_member(object, field->string, field))
            continue;
        slip = slip_of(fields, object, field);
        cure = slip ? mem_printf("Did you mean it where it says \"%s\"?", slip)
                    : mem_dup(json_str(field, "about", NULL));
        type = schema_type_text(json_get(field, "type"));
        expected = mem_printf("\"%s\": %s", field->string, type);
        schema_fault(r, &here, "FIELD_MISSING", "nothing", expected, cure);
        free(cure);
        free(type);
        free(expected);
    }
}

static void check_unknown(struct schema_report *r, const cJSON *fields, const cJSON *object,
                          bool only_near, const struct schema_at *at)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, object)
    {
        struct schema_at here = {.up = at, .key = member->string};
        const char *near;
        char *cure;
        if (is_known(fields, member->string))
            continue;
        near = schema_nearest(fields, member->string);
        /* A name whose own field is there as well is no slip of it. */
        if (only_near && (!near || json_get(object, near)))
            continue;
        cure = near ? mem_printf("Did you mean \"%s\"?", near)
                    : mem_dup("Take it out, or correct its name.");
        schema_fault(r, &here, "FIELD_UNKNOWN", member->string, "a name that is read here", cure);
        free(cure);
    }
}

/* Is at least one of the wanted members there? wanted: a name or a list of names. */
static bool has_wanted(const cJSON *fields, const cJSON *object, const cJSON *wanted)
{
    const cJSON *each;
    if (cJSON_IsString(wanted))
        return schema_member(object, wanted->valuestring, json_get(fields, wanted->valuestring));
    cJSON_ArrayForEach(each, wanted)
    {
        if (has_wanted(fields, object, each))
            return true;
    }
    return false;
}

static char *wanted_text(const cJSON *wanted)
{
    struct buf out;
    const cJSON *each;
    buf_init(&out, 300);
    if (cJSON_IsString(wanted))
        buf_printf(&out, "\"%s\"", wanted->valuestring);
    cJSON_ArrayForEach(each, wanted)
        buf_printf(&out, "%s\"%s\"", out.len ? " or " : "", each->valuestring);
    return buf_take(&out);
}

static bool condition_holds(const cJSON *fields, const cJSON *condition, const cJSON *object)
{
    const char *field = json_str(condition, "field", NULL);
    const cJSON *value, *word;
    if (!field)
        return true;
    value = schema_member(object, field, json_get(fields, field));
    cJSON_ArrayForEach(word, json_get(condition, "in"))
    {
        if (cJSON_IsString(value) && str_eq(word->valuestring, value->valuestring))
            return true;
    }
    return false;
}

static void check_when(struct schema_report *r, const cJSON *schema, const cJSON *object,
                       const struct schema_at *at)
{
    const cJSON *fields = json_get(schema, "fields"), *condition, *wanted;
    cJSON_ArrayForEach(condition, json_get(schema, "when"))
    {
        if (!condition_holds(fields, condition, object))
            continue;
        cJSON_ArrayForEach(wanted, json_get(condition, "needs"))
        {
            const char *field = json_str(condition, "field", NULL);
            char *names, *expected;
            if (has_wanted(fields, object, wanted))
                continue;
            names = wanted_text(wanted);
            expected =
                field ? mem_printf("%s, which \"%s\" asks for", names, field) : mem_dup(names);
            schema_fault(r, at, "FIELD_MISSING", "nothing", expected,
                         json_str(condition, "about", NULL));
            free(names);
            free(expected);
        }
    }
}

static void check_object(struct schema_report *r, const cJSON *schema, const cJSON *object,
                         const struct schema_at *at)
{
    const cJSON *fields = json_get(schema, "fields");
    if (!fields)
        return;
    check_missing(r, fields, object, at);
    if (!str_eq(json_str(schema, "unknown", "refuse"), "allow") && !json_get(schema, "values"))
        check_unknown(r, fields, object, false, at);
    check_when(r, schema, object, at);
}

static schema_visit visit_check;

/* Rules carry schemas for drops; the shape of a schema is one of ours, and meets itself below. */
static void check_schema(struct schema_report *r, const cJSON *value, const struct schema_at *at)
{
    if (!r->self)
        r->self = kinds_schema("schema", NULL);
    schema_walk(r->self, value, at, visit_check, r);
}

static void visit_check(void *ctx, const cJSON *schema, const cJSON *value,
                        const struct schema_at *at)
{
    struct schema_report *r = ctx;
    if (!schema_has_type(schema, value)) {
        char *found = schema_describe(value), *type = schema_type_text(json_get(schema, "type"));
        schema_fault(r, at, "FIELD_TYPE", found, type, json_str(schema, "about", NULL));
        free(found);
        free(type);
        return;
    }
    if (str_eq(json_str(schema, "type", ""), "schema")) {
        check_schema(r, value, at);
        return;
    }
    if (str_eq(json_str(schema, "type", ""), "pattern"))
        schema_check_expression(r, value, at);
    if (cJSON_IsObject(value))
        check_object(r, schema, value, at);
    schema_check_value(r, schema, value, at);
}

size_t schema_check(const cJSON *schema, const cJSON *doc, const char *file, struct faults *faults)
{
    struct schema_report r = {.file = file, .faults = faults, .root = doc};
    schema_walk(schema, doc, NULL, visit_check, &r);
    schema_report_finish(&r);
    return r.added;
}

static void visit_near(void *ctx, const cJSON *schema, const cJSON *value,
                       const struct schema_at *at)
{
    const cJSON *fields = json_get(schema, "fields");
    if (cJSON_IsObject(value) && fields && str_eq(json_str(schema, "unknown", "refuse"), "allow"))
        check_unknown(ctx, fields, value, true, at);
}

size_t schema_near_misses(const cJSON *schema, const cJSON *doc, const char *file,
                          struct faults *warnings)
{
    struct schema_report r = {.file = file, .faults = warnings};
    schema_walk(schema, doc, NULL, visit_near, &r);
    return r.added;
}
