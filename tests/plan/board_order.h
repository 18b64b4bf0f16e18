/* A small storyboard order made by hand, for the tests of the storyboard kind: one shot of every
 * approach. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_PLAN_BOARD_ORDER_H
#define TESTS_PLAN_BOARD_ORDER_H

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "plan/plan.h"

static const char board_text[] =
    "{\"schema_version\": \"3\", \"project\": \"tidewater\", \"project_code\": \"TDW\", "
    "\"episode\": 7,"
    " \"title\": \"Tidewater\", \"scenes\": [{\"id\": \"SC1\", \"location\": \"pier\", "
    "\"time_of_day\": \"night\"}],"
    " \"shots\": ["
    "{\"shot_id\": \"SH01\", \"scene_id\": \"SC1\", \"shot_type\": \"wide\", "
    "\"characters_in_shot\": [\"IDA\", \"OLE\"],"
    " \"duration_s\": 6, \"lens\": {\"mm\": 28, \"function\": \"depth\"}, \"dialogue\": \"IDA: Not "
    "tonight.\","
    " \"generation_approach\": \"triptych_split_flf\", \"hero_frame\": {\"prompt\": \"Ida stops on "
    "the pier.\"},"
    " \"triptych_prompt\": \"Triptych of a pier at night.\", \"motion_prompt\": \"She stops.\","
    " \"negative_prompt\": \"rain\", \"asset_name\": \"TDW_EP007_S01_T01_IDA-OLE\", \"seed\": 41},"
    "{\"shot_id\": \"SH02\", \"characters_in_shot\": [\"IDA\"], \"duration_s\": 4.5,"
    " \"generation_approach\": \"standard_flf\", \"first_frame\": {\"prompt\": \"Hand at the "
    "rail.\"},"
    " \"last_frame\": \"Hand gone.\", \"asset_name\": \"TDW_EP007_S02_T01_IDA\"},"
    "{\"shot_id\": \"SH03\", \"characters_in_shot\": [], \"duration_s\": 3, "
    "\"generation_approach\": \"held_frame\","
    " \"first_frame\": {\"prompt\": \"Empty pier.\"}, \"asset_name\": \"TDW_EP007_S03_T01_ENV\"},"
    "{\"shot_id\": \"SH04\", \"characters_in_shot\": [\"OLE\"], \"duration_s\": 2,"
    " \"generation_approach\": \"held_frame_static\", \"hero_frame\": \"Ole looks up.\","
    " \"asset_name\": \"TDW_EP007_S04_T01_OLE\", \"status\": \"approved\"}]}";

static inline struct order *board_order(void)
{
    struct order *o = mem_alloc(sizeof *o);
    struct json_fault fault;
    o->kind = mem_dup("storyboard");
    o->entry = mem_dup("tidewater.json");
    o->doc_path = mem_dup("");
    o->listing = mem_alloc(sizeof *o->listing);
    if (json_parse(board_text, strlen(board_text), &json_limits_drop, &o->doc, &fault) != 0)
        bug("the test's board does not parse: %s", fault.expected);
    return o;
}

/* A member of the shot with that index, to be changed. */
static inline cJSON *board_shot(struct order *o, int at)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(o->doc, "shots"), at);
}

#endif
