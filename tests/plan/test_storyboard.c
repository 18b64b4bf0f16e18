/* Storyboards: which jobs, names, documents and faults come of a board. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "plan/board_order.h"
#include "plan/planned.h"
#include "secrets/secrets.h"

static struct rules *rules;

static int setup(void **state)
{
    struct faults faults = {0};
    (void)state;
    if (rules_load("rules", &rules, &faults) != 0) {
        struct buf text;
        buf_init(&text, 65536);
        faults_text(&faults, &text);
        fprintf(stderr, "%s\n", text.data);
        buf_finish(&text);
        return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rules_release(rules);
    return 0;
}

static struct plan *planned(struct order *o)
{
    return planned_with(o, &(struct plan_context){rules, "20260314-090000-tidewater", 1773478800});
}

static char *refused(struct order *o)
{
    return refused_with(o, &(struct plan_context){rules, "20260314-090000-tidewater", 1773478800});
}

static const struct plan_job *job(const struct plan *p, const char *key)
{
    for (size_t i = 0; i < p->jobs_n; i++) {
        if (str_eq(p->jobs[i].key, key))
            return &p->jobs[i];
    }
    fail_msg("no job %s", key);
    return NULL;
}

static const struct plan_record *record(const struct plan *p, const char *path)
{
    for (size_t i = 0; i < p->records_n; i++) {
        if (str_eq(p->records[i].path, path))
            return &p->records[i];
    }
    fail_msg("no record %s", path);
    return NULL;
}

static void finish(struct order *o, struct plan *p)
{
    plan_free(p);
    order_free(o);
}

#define TREE "projects/tidewater/storyboards/"

static void test_every_approach_becomes_its_jobs(void **state)
{
    struct order *o = board_order();
    struct plan *p = planned(o);
    (void)state;
    assert_int_equal(p->jobs_n, 7 + 4 + 3 + 3 + 2);
    assert_string_equal(job(p, "SH01.strip")->op, "board.strip");
    assert_string_equal(job(p, "SH01.split")->op, "picture.split");
    assert_int_equal(job(p, "SH01.split")->outs_n, 3);
    assert_string_equal(job(p, "SH01.hero")->op, "picture.fit");
    assert_string_equal(job(p, "SH01.hero")->ins[0].role, "hero_raw");
    assert_string_equal(job(p, "SH01.clip")->op, "film.dissolve");
    assert_int_equal(job(p, "SH01.clip")->ins_n, 3);
    assert_string_equal(job(p, "SH01.clip")->ins[1].name, "hero");
    assert_true(job(p, "SH01.clip")->preview);
    assert_string_equal(job(p, "SH02.last")->op, "board.frame");
    assert_int_equal(job(p, "SH02.clip")->ins_n, 2);
    assert_string_equal(job(p, "SH03.clip")->op, "film.push");
    assert_string_equal(job(p, "SH03.clip")->ins[0].name, "picture");
    assert_false(job(p, "SH03.clip")->preview);
    assert_string_equal(job(p, "SH04.clip")->op, "film.hold");
    finish(o, p);
}

/* With a key the shot's film comes from an engine that goes from one frame to the next. */
static void test_an_engine_between_two_frames_gets_a_clip_in_segments(void **state)
{
    struct err e = {0};
    (void)state;
    assert_int_equal(setenv("FAL_KEY", "plan-test-key", 1), 0);
    assert_int_equal(secrets_open("/nonexistent", &e), 0);
    struct order *o = board_order();
    struct plan *p = planned(o);
    assert_string_equal(job(p, "SH01.strip")->engine, "fal");
    assert_string_equal(job(p, "SH01.seg1")->engine, "fal");
    assert_int_equal(job(p, "SH01.seg1")->ins_n, 2);
    assert_string_equal(job(p, "SH01.seg1")->ins[1].name, "last");
    assert_string_equal(job(p, "SH01.seg1")->ins[1].job, "SH01.hero");
    assert_string_equal(job(p, "SH01.seg2")->ins[0].job, "SH01.hero");
    assert_false(job(p, "SH01.seg1")->preview);
    const struct plan_job *clip = job(p, "SH01.clip");
    assert_string_equal(clip->op, "film.join");
    assert_string_equal(clip->engine, "local");
    assert_string_equal(clip->ins[0].job, "SH01.seg1");
    assert_string_equal(clip->prompt, "She stops.");
    assert_float_equal(json_num(clip->params, "/seconds/0", 0) * 2,
                       json_num(clip->meta, "duration_s", 0), 0.001);
    assert_string_equal(job(p, "SH02.clip")->op, "film.dissolve");
    assert_false(job(p, "SH02.clip")->preview);
    assert_true(json_bool(job(p, "SH02.clip")->choices->child, "preview", false));
    finish(o, p);
    unsetenv("FAL_KEY");
    secrets_close();
}

static void test_sizes_are_those_of_the_aspect(void **state)
{
    struct order *o = board_order();
    struct plan *p = planned(o);
    const cJSON *frame = job(p, "SH01.previz")->params, *strip = job(p, "SH01.strip")->params;
    (void)state;
    assert_int_equal(json_int(frame, "width", 0), 512);
    assert_int_equal(json_int(frame, "height", 0), 896);
    assert_int_equal(json_int(strip, "width", 0), 1536);
    assert_int_equal(json_int(strip, "height", 0), 912);
    assert_int_equal(json_int(job(p, "SH01.split")->params, "trim_x", 0), 12);
    assert_int_equal(json_int(job(p, "SH02.first")->params, "height", 0), 1344);
    plan_free(p);
    json_set_str(o->doc, "aspect_ratio", "16:9");
    p = planned(o);
    assert_int_equal(json_int(job(p, "SH01.previz")->params, "width", 0), 896);
    assert_int_equal(json_int(job(p, "SH02.first")->params, "width", 0), 1344);
    assert_int_equal(json_int(job(p, "SH01.strip")->params, "width", 0), 3 * 912);
    finish(o, p);
}

static void test_files_are_called_after_the_asset_name(void **state)
{
    struct order *o = board_order();
    struct plan *p = planned(o);
    (void)state;
    assert_string_equal(p->tree, "projects/tidewater/storyboards");
    assert_string_equal(job(p, "SH01.previz")->outs[0].path,
                        TREE "previz/TDW_EP007_S01_T01_IDA-OLE_previz.png");
    assert_string_equal(job(p, "SH01.strip")->outs[0].path,
                        TREE "assets/ep_007/TDW_EP007_S01_T01_IDA-OLE_strip.png");
    assert_string_equal(job(p, "SH01.split")->outs[2].path,
                        TREE "assets/ep_007/TDW_EP007_S01_T01_IDA-OLE_last_raw.png");
    assert_string_equal(job(p, "SH02.clip")->outs[0].path,
                        TREE "assets/ep_007/TDW_EP007_S02_T01_IDA_clip.mp4");
    assert_string_equal(job(p, "SH02.first")->prompt_path,
                        TREE "assets/ep_007/TDW_EP007_S02_T01_IDA_first.prompt.txt");
    assert_string_equal(job(p, "episode.animatic")->outs[0].path,
                        TREE "assets/ep_007/ep_007_animatic.mp4");
    assert_string_equal(job(p, "episode.contact_sheet")->outs[0].path,
                        TREE "ep_007_contact_sheet.png");
    finish(o, p);
}

static void test_episode_jobs_take_shots_in_order_and_can_spare_any(void **state)
{
    struct order *o = board_order();
    struct plan *p = planned(o);
    const struct plan_job *film = job(p, "episode.animatic"),
                          *sheet = job(p, "episode.contact_sheet");
    (void)state;
    assert_int_equal(film->ins_n, 4);
    assert_int_equal(sheet->ins_n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(film->ins[i].soft);
        assert_true(sheet->ins[i].soft);
    }
    assert_string_equal(film->ins[3].job, "SH04.clip");
    assert_string_equal(sheet->ins[0].job, "SH01.previz");
    assert_float_equal(json_num(film->params, "/seconds/1", 0), 4.5, 0);
    assert_string_equal(json_str(film->params, "/names/2", ""), film->ins[2].name);
    finish(o, p);
}

static void test_prompts_carry_the_shot_s_text_and_a_style(void **state)
{
    struct order *o = board_order();
    struct plan *p = planned(o);
    const struct plan_job *previz = job(p, "SH02.previz");
    (void)state;
    assert_true(str_starts(previz->prompt, "Hand at the rail.\n"));
    assert_non_null(strstr(previz->prompt, "9:16"));
    assert_string_equal(json_str(previz->meta, "prompt_source", ""), "first_frame");
    assert_string_equal(json_str(job(p, "SH01.previz")->meta, "prompt_source", ""), "hero_frame");
    assert_true(str_starts(job(p, "SH02.last")->prompt, "Hand gone.\n"));
    assert_string_equal(job(p, "SH01.clip")->prompt, "She stops.");
    assert_string_equal(job(p, "SH01.clip")->negative, "rain");
    assert_null(job(p, "SH03.clip")->prompt);
    assert_null(job(p, "SH01.hero")->prompt);
    finish(o, p);
}

static void test_a_frame_knows_its_scene_and_only_a_caption_the_words(void **state)
{
    struct order *o = board_order();
    struct plan *p = planned(o);
    const cJSON *seen = json_get(job(p, "SH01.previz")->params, "shot");
    (void)state;
    assert_string_equal(json_str(seen, "time_of_day", ""), "night");
    assert_string_equal(json_str(seen, "dialogue", ""), "IDA: Not tonight.");
    assert_true(json_bool(job(p, "SH01.previz")->params, "caption", false));
    seen = json_get(job(p, "SH01.strip")->params, "shot");
    assert_null(json_get(seen, "dialogue"));
    assert_null(json_get(seen, "shot_id"));
    finish(o, p);
}

static void test_a_seed_is_given_or_steady(void **state)
{
    struct order *o = board_order();
    struct plan *p = planned(o);
    int64_t seed = json_int(job(p, "SH02.first")->params, "seed", -1);
    (void)state;
    assert_int_equal(json_int(job(p, "SH01.previz")->params, "seed", 0), 41);
    assert_in_range(seed, 1, 0x7fffffff);
    assert_int_not_equal(json_int(job(p, "SH03.first")->params, "seed", -1), seed);
    plan_free(p);
    cJSON_DeleteItemFromArray(cJSON_GetObjectItem(o->doc, "shots"), 0);
    p = planned(o);
    assert_int_equal(json_int(job(p, "SH02.first")->params, "seed", -1), seed);
    finish(o, p);
}

/* How many jobs that are not the episode's have another hash in b. */
static int changed(const struct plan *a, const struct plan *b, const char *shot)
{
    int n = 0;
    for (size_t i = 0; i < a->jobs_n; i++) {
        const struct plan_job *j = &a->jobs[i];
        bool own = str_starts(j->key, shot);
        if (str_eq(j->hash, job(b, j->key)->hash))
            continue;
        assert_true(own || str_starts(j->key, "episode."));
        n += own;
    }
    return n;
}

static void test_a_changed_prompt_touches_its_shot_and_what_hangs_on_it(void **state)
{
    struct order *o = board_order();
    struct plan *before = planned(o), *after;
    (void)state;
    json_set_str(board_shot(o, 1), "last_frame", "Only the rail is left.");
    after = planned(o);
    assert_int_equal(changed(before, after, "SH02."), 2); /* last, clip */
    plan_free(after);
    json_set_str(board_shot(o, 0), "triptych_prompt", "Triptych of a quay.");
    json_set_str(board_shot(o, 1), "last_frame", "Hand gone.");
    after = planned(o);
    assert_int_equal(changed(before, after, "SH01."), 6); /* strip, split, three keyframes, clip */
    plan_free(after);
    finish(o, before);
}

static void test_a_removed_shot_leaves_the_others_as_they_are(void **state)
{
    struct order *o = board_order();
    struct plan *before = planned(o), *after;
    (void)state;
    cJSON_DeleteItemFromArray(cJSON_GetObjectItem(o->doc, "shots"), 0);
    after = planned(o);
    for (size_t i = 0; i < after->jobs_n; i++) {
        const struct plan_job *j = &after->jobs[i];
        if (!str_starts(j->key, "episode."))
            assert_string_equal(j->hash, job(before, j->key)->hash);
    }
    plan_free(after);
    finish(o, before);
}

static void test_documents_stand_where_the_rules_say(void **state)
{
    struct order *o = board_order();
    struct plan *p = planned(o);
    const cJSON *body = record(p, TREE "storyboard_ep_007.json")->body;
    (void)state;
    assert_string_equal(json_str(body, "/shots/0/shot_id", ""), "SH01");
    body = record(p, TREE "shotlist_ep_007.json")->body;
    assert_string_equal(json_str(body, "/shots/0/stills/0/role", ""), "strip");
    assert_float_equal(json_num(body, "/shots/0/stills/0/loras/1/scale", 0), 0.5, 0);
    assert_int_equal(json_int(body, "/shots/0/video/1/frames", 0), 49);
    assert_string_equal(json_str(body, "/shots/1/post/0", ""), "upscale:768x1344");
    body = record(p, TREE "previz/previz_manifest.json")->body;
    assert_string_equal(json_str(body, "/shots/2/file/job", ""), "SH03.previz");
    assert_string_equal(json_str(body, "/shots/2/approach", ""), "held_frame_push");
    body = record(p, TREE "dailies_ep_007.json")->body;
    assert_string_equal(json_str(body, "/shots/TDW_EP007_S04_T01_OLE/status", ""), "approved");
    body = record(p, TREE "assets/ep_007/assets_manifest.json")->body;
    assert_string_equal(json_str(body, "/files/0/preview/@", ""), "preview");
    assert_string_equal(record(p, TREE "previz/previz_review.html")->format, "page");
    (void)record(p, TREE "previz/previz_review_ep_007.html");
    finish(o, p);
}

static void test_a_missing_prompt_is_refused_naming_shot_and_field(void **state)
{
    struct order *o = board_order();
    char *why;
    (void)state;
    cJSON_DeleteItemFromObject(board_shot(o, 1), "last_frame");
    json_set_str(board_shot(o, 0), "hero_frame", "  ");
    why = refused(o);
    assert_non_null(strstr(why, "/shots/1/last_frame (shot SH02)"));
    assert_non_null(strstr(why, "/shots/0/hero_frame (shot SH01)"));
    free(why);
}

static void test_a_word_that_turns_to_drawing_is_refused_naming_the_shot(void **state)
{
    struct order *o = board_order();
    char *why;
    (void)state;
    json_set_str(board_shot(o, 0), "triptych_prompt", "A Comic-like triptych.");
    why = refused(o);
    assert_non_null(strstr(why, "triptych_prompt (shot SH01)"));
    assert_non_null(strstr(why, "PROMPT_WORD"));
    free(why);
    o = board_order();
    json_set_str(board_shot(o, 0), "triptych_prompt", "A cosmic, tragicomic triptych.");
    finish(o, planned(o));
}

static void test_twins_and_wrong_names_are_refused(void **state)
{
    struct order *o = board_order();
    char *why;
    (void)state;
    json_set_str(board_shot(o, 1), "shot_id", "SH01");
    json_set_str(board_shot(o, 2), "asset_name", "TDW_EP007_S02_T01_IDA");
    json_set_str(board_shot(o, 3), "asset_name", "../TDW_EP007_S02_T01_IDA");
    why = refused(o);
    assert_non_null(strstr(why, "SHOT_ID_TWICE"));
    assert_non_null(strstr(why, "ASSET_NAME_TWICE"));
    assert_non_null(strstr(why, "/shots/3/asset_name"));
    free(why);
}

static void test_what_a_board_cannot_do_without_is_refused(void **state)
{
    struct order *o = board_order();
    char *why;
    (void)state;
    json_set_str(board_shot(o, 0), "generation_approach", "magic");
    json_set_num(board_shot(o, 1), "duration_s", 0);
    why = refused(o);
    assert_non_null(strstr(why, "APPROACH_UNKNOWN"));
    assert_non_null(strstr(why, "standard_flf"));
    assert_non_null(strstr(why, "/shots/1/duration_s"));
    free(why);
    o = board_order();
    json_set_str(o->doc, "project", "../up");
    why = refused(o);
    assert_non_null(strstr(why, "NAME_BAD"));
    free(why);
    o = board_order();
    json_set_str(o->doc, "aspect_ratio", "4:3");
    why = refused(o);
    assert_non_null(strstr(why, "ASPECT_UNKNOWN"));
    free(why);
}

static void test_doubts_are_notes_and_refuse_nothing(void **state)
{
    struct order *o = board_order();
    struct plan *p;
    struct buf text;
    (void)state;
    json_set_str(board_shot(o, 1), "asset_name", "TDW_EP008_S02_T01_IDA");
    p = planned(o);
    buf_init(&text, 65536);
    faults_text(&p->notes, &text);
    assert_non_null(strstr(text.data, "HERO_LENGTH"));
    assert_non_null(strstr(text.data, "ASSET_NAME_EPISODE"));
    buf_finish(&text);
    finish(o, p);
}

static void test_a_member_that_looks_like_a_reference_is_refused(void **state)
{
    struct order *o = board_order();
    char *why;
    (void)state;
    json_set_str(board_shot(o, 1), "@", "sum");
    why = refused(o);
    assert_non_null(strstr(why, "'@'"));
    free(why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_approach_becomes_its_jobs),
        cmocka_unit_test(test_an_engine_between_two_frames_gets_a_clip_in_segments),
        cmocka_unit_test(test_sizes_are_those_of_the_aspect),
        cmocka_unit_test(test_files_are_called_after_the_asset_name),
        cmocka_unit_test(test_episode_jobs_take_shots_in_order_and_can_spare_any),
        cmocka_unit_test(test_prompts_carry_the_shot_s_text_and_a_style),
        cmocka_unit_test(test_a_frame_knows_its_scene_and_only_a_caption_the_words),
        cmocka_unit_test(test_a_seed_is_given_or_steady),
        cmocka_unit_test(test_a_changed_prompt_touches_its_shot_and_what_hangs_on_it),
        cmocka_unit_test(test_a_removed_shot_leaves_the_others_as_they_are),
        cmocka_unit_test(test_documents_stand_where_the_rules_say),
        cmocka_unit_test(test_a_missing_prompt_is_refused_naming_shot_and_field),
        cmocka_unit_test(test_a_word_that_turns_to_drawing_is_refused_naming_the_shot),
        cmocka_unit_test(test_twins_and_wrong_names_are_refused),
        cmocka_unit_test(test_what_a_board_cannot_do_without_is_refused),
        cmocka_unit_test(test_doubts_are_notes_and_refuse_nothing),
        cmocka_unit_test(test_a_member_that_looks_like_a_reference_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
