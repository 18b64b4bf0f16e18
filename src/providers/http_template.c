/* A body template and an exchange come in; the body goes out, without what is absent. An object
 * with "from" is a reference, with "each" a list made of a list, with "with" there only when all
 * that it names is there; everything else stands for itself. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

/* --- looking up in a table --- */

static bool number_of(const char *text, double *ret_number)
{
    char *end;
    double w = strtod(text, &end), h;
    if (end == text)
        return false;
    if (*end == ':' && (h = strtod(end + 1, &end)) > 0)
        w = log(w / h);
    *ret_number = w;
    return *end == '\0';
}

/* Numbers take the smallest key that is not below them, else the largest; ratios the nearest. */
static double distance(double wanted, double key, bool ratio)
{
    if (ratio)
        return fabs(wanted - key);
    return key >= wanted - 1e-9 ? key - wanted : 1e12 - key;
}

static const cJSON *table_find(const cJSON *table, const char *text)
{
    const cJSON *row, *best = cJSON_GetObjectItemCaseSensitive(table, text);
    double wanted, key, least = INFINITY;
    bool ratio = strchr(text, ':') != NULL;
    if (best)
        return best;
    if (number_of(text, &wanted))
        cJSON_ArrayForEach(row, table)
        {
            if (!number_of(row->string, &key) || distance(wanted, key, ratio) >= least)
                continue;
            least = distance(wanted, key, ratio);
            best = row;
        }
    return best ? best : cJSON_GetObjectItemCaseSensitive(table, "*");
}

static cJSON *table_value(const cJSON *table, cJSON *takes_value)
{
    char *text = value_text(takes_value);
    const cJSON *found = text ? table_find(table, text) : NULL;
    free(text);
    cJSON_Delete(takes_value);
    return found ? cJSON_Duplicate(found, true) : NULL;
}

/* --- types --- */

static double clamped(const cJSON *reference, double number)
{
    double least = json_num(reference, "min", -INFINITY);
    double most = json_num(reference, "max", INFINITY);
    return number < least ? least : number > most ? most : number;
}

static cJSON *as_number(const cJSON *reference, cJSON *takes_value, bool whole)
{
    char *text = value_text(takes_value), *end;
    double number = text ? strtod(text, &end) : 0;
    bool good = text && *text && !*end;
    number = clamped(reference, number);
    free(text);
    cJSON_Delete(takes_value);
    return good ? cJSON_CreateNumber(whole ? ceil(number - 1e-9) : number) : NULL;
}

static cJSON *as_text(cJSON *takes_value)
{
    char *text = value_text(takes_value);
    cJSON *value = text ? cJSON_CreateString(text) : NULL;
    free(text);
    cJSON_Delete(takes_value);
    return value;
}

static cJSON *as_bool(cJSON *takes_value)
{
    char *text = value_text(takes_value);
    bool yes = text && *text && !str_eq(text, "false") && !str_eq(text, "0");
    free(text);
    cJSON_Delete(takes_value);
    return cJSON_CreateBool(yes);
}

static cJSON *typed(const cJSON *reference, cJSON *takes_value)
{
    const char *as = json_str(reference, "as", "");
    const cJSON *table = json_get(reference, "table");
    cJSON *value = takes_value;
    if (value && (str_eq(as, "int") || str_eq(as, "int_text")))
        value = as_number(reference, value, true);
    else if (value && str_eq(as, "number"))
        value = as_number(reference, value, false);
    if (value && table)
        value = table_value(table, value);
    if (value && (str_eq(as, "text") || str_eq(as, "int_text")))
        return as_text(value);
    return value && str_eq(as, "bool") ? as_bool(value) : value;
}

/* --- the three forms --- */

static cJSON *fill_reference(struct talk *t, const cJSON *reference)
{
    const cJSON *from = json_get(reference, "from"), *name, *fallback;
    const char *as = json_str(reference, "as", NULL);
    cJSON *value = NULL;
    if (cJSON_IsString(from))
        value = reference_value(t, from->valuestring, as);
    cJSON_ArrayForEach(name, from)
    {
        if (!value && cJSON_IsString(name))
            value = reference_value(t, name->valuestring, as);
    }
    value = typed(reference, value);
    if (value)
        return value;
    fallback = json_get(reference, "default");
    if (!fallback && json_bool(reference, "required", false) && !t->wanting)
        t->wanting = cJSON_GetStringValue(cJSON_IsArray(from) ? from->child : from);
    return fallback ? cJSON_Duplicate(fallback, true) : NULL;
}

static bool all_there(struct talk *t, const cJSON *names)
{
    const cJSON *name;
    if (cJSON_IsString(names))
        return reference_there(t, names->valuestring);
    cJSON_ArrayForEach(name, names)
    {
        if (!cJSON_IsString(name) || !reference_there(t, name->valuestring))
            return false;
    }
    return true;
}

static void each_add(struct talk *t, const cJSON *put, cJSON *list)
{
    cJSON *made = template_fill(t, put);
    if (made)
        cJSON_AddItemToArray(list, made);
}

static void each_file(struct talk *t, const char *name, const cJSON *put, cJSON *list)
{
    const struct job_files *files = t->ask->files;
    for (size_t i = 0; i < files->in_n; i++)
        if (str_eq(name, "inputs") || reference_file(t, name) == &files->in[i]) {
            t->item_file = &files->in[i];
            each_add(t, put, list);
            t->item_file = NULL;
        }
}

/* Over all inputs, over inputs by name in the order of the names, or over a list of values. */
static cJSON *fill_each(struct talk *t, const cJSON *template)
{
    const cJSON *each = json_get(template, "each"), *put = json_get(template, "put"), *one;
    cJSON *list = cJSON_CreateArray(), *values = NULL;
    const char *name = cJSON_GetStringValue(each);
    if (name && !str_eq(name, "inputs") && !str_starts(name, "input."))
        values = reference_value(t, name, NULL);
    else if (name)
        each_file(t, name, put, list);
    cJSON_ArrayForEach(one, each)
    {
        if (cJSON_IsString(one))
            each_file(t, one->valuestring, put, list);
    }
    cJSON_ArrayForEach(one, values)
    {
        t->item = one;
        each_add(t, put, list);
        t->item = NULL;
    }
    cJSON_Delete(values);
    for (int n = cJSON_GetArraySize(list); n > json_int(template, "most", 1000); n--)
        cJSON_DeleteItemFromArray(list, n - 1);
    if (cJSON_GetArraySize(list) > 0)
        return list;
    cJSON_Delete(list);
    return NULL;
}

/* --- lists and objects --- */

static void add_all(cJSON *list, cJSON *takes_more)
{
    while (takes_more && takes_more->child)
        cJSON_AddItemToArray(list, cJSON_DetachItemViaPointer(takes_more, takes_more->child));
    cJSON_Delete(takes_more);
}

/* A list made by "each" stands in its list, not as one item of it. */
static cJSON *fill_list(struct talk *t, const cJSON *template)
{
    cJSON *list = cJSON_CreateArray();
    const cJSON *child;
    cJSON_ArrayForEach(child, template)
    {
        cJSON *made = template_fill(t, child);
        if (made && json_get(child, "each"))
            add_all(list, made);
        else if (made)
            cJSON_AddItemToArray(list, made);
    }
    return list;
}

/* An object of which nothing is left is absent itself. */
static cJSON *fill_object(struct talk *t, const cJSON *template)
{
    cJSON *object = cJSON_CreateObject();
    const cJSON *child;
    cJSON_ArrayForEach(child, template)
    {
        cJSON *made = template_fill(t, child);
        if (made)
            cJSON_AddItemToObject(object, child->string, made);
    }
    if (object->child || !template->child)
        return object;
    cJSON_Delete(object);
    return NULL;
}

cJSON *template_fill(struct talk *t, const cJSON *template)
{
    if (cJSON_IsArray(template))
        return fill_list(t, template);
    if (!cJSON_IsObject(template))
        return cJSON_Duplicate(template, true);
    if (json_get(template, "from"))
        return fill_reference(t, template);
    if (json_get(template, "each"))
        return fill_each(t, template);
    if (json_get(template, "with"))
        return all_there(t, json_get(template, "with"))
                   ? template_fill(t, json_get(template, "put"))
                   : NULL;
    return fill_object(t, template);
}
