/* An operation's name comes in, its function goes out. Every operation of ops/ops.h stands here
 * once. */
/* SPDX-License-Identifier: ISC */
#include "worker/table.h"

#include <string.h>

static const struct {
    const char *name;
    op_function *function;
} table[] = {
    {"avatar", op_avatar},
    {"background", op_background},
    {"board.frame", op_board_frame},
    {"board.strip", op_board_strip},
    {"bundle", op_bundle},
    {"character.scene", op_character_scene},
    {"character.sheet", op_character_sheet},
    {"check", op_check},
    {"clip.look", op_clip_look},
    {"combo.compose", op_combo_compose},
    {"film.copy", op_film_copy},
    {"film.dissolve", op_film_dissolve},
    {"film.frames", op_film_frames},
    {"film.hold", op_film_hold},
    {"film.join", op_film_join},
    {"film.push", op_film_push},
    {"picture.copies", op_picture_copies},
    {"picture.copy", op_picture_copy},
    {"picture.fit", op_picture_fit},
    {"picture.split", op_picture_split},
    {"print.make", op_print_make},
    {"print.match", op_print_match},
    {"product.faithful", op_product_faithful},
    {"product.scene", op_product_scene},
    {"sheet", op_sheet},
    {"stamp", op_stamp},
    {"survey", op_survey},
    {"thumbnail", op_thumbnail},
    {"unpack", op_unpack},
};

op_function *table_find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].function;
    return NULL;
}
