/* What the worker can be asked: one JSON line in on descriptor 3, one JSON line back, one request at a time. It only reads the
 * named inputs and only writes the named outputs; it knows no store, no rules, no job. A picture that breaks it breaks only it.
 *
 *   -> {"id": 7, "op": "product.scene", "params": {...}, "in": [{"name": "ref", "path": "/..."}],
 *       "out": [{"role": "picture", "path": "/..."}], "tag": {"slated": "drop/key", ...}}
 *   <- {"id": 7, "ok": true, "out": [{"role": "picture", "path": "/...", "bytes": 1, "sha256": "...", "media": "png",
 *       "width": 1536, "height": 864}], "facts": {...}}
 *   <- {"id": 7, "ok": false, "class": "input" | "limit" | "missing" | "io" | "space" | "child" | ..., "error": "sentence"}
 *
 * Outputs are synced before the answer. tag members become PNG text chunks (and nothing else): provenance in the file.
 *
 *   op                in                       out            params
 *   board.frame       -                        picture        width height seed shot{} moment ("hero" "first" "last") caption (bool)
 *   board.strip       -                        picture        width height seed shot{} (first, hero, last side by side)
 *   picture.split     strip                    first_raw hero_raw last_raw   panels trim_x trim_y
 *   picture.fit       picture                  picture        width height (Lanczos, covers the canvas, centred crop)
 *   picture.copy      picture                  picture        decoded and written again without its metadata, in the form its output's name says
 *   product.scene     ref?                     picture        width height seed variant rank name category positioning benefits[] price
 *   product.faithful  ref                      picture        width height variant format ("webp") seed
 *   thumbnail         ref?                     picture        width height seed name message niche
 *   background        -                        picture        width height seed category
 *   avatar            face?                    picture        width height seed label
 *   character.sheet   ref?                     picture        width height seed label
 *   character.scene   sheet? sheet2? face?     picture        width height seed scene cast[]
 *   combo.compose     ui? pose? bottom? wardrobe?  picture    width height seed combo_id prompt_id title wardrobe ui_style text pose_kind
 *   sheet             any number, in order     picture        columns cell_width cell_height labels[] title
 *   film.push         picture                  clip           width height seconds fps from to (zoom factors) seed
 *   film.hold         picture                  clip           width height seconds fps
 *   film.dissolve     two or three, in order   clip           width height seconds fps
 *   film.join         any number, in order     clip           width height fps seconds[] (each clip fitted and cut or held to its time)
 *                                                            names[]: the input each of seconds[] belongs to, when some may be missing
 *   film.copy         clip                     clip           media (mp4 mov webm: what it is now); every frame and the sound, as MP4
 *   film.frames       clip                     1 2 3 ...      media, side (the longer one); that many frames, first to last, as JPEG
 *   survey            -                        -              dir name limits{}        facts = the listing
 *   unpack            archive                  -              to (an empty folder)     facts = {files, bytes, junk}
 *   bundle            any number, named as    bundle         top (folder that all lie in); a stored zip, equal bytes for equal content
 *                     they shall be called                  folders[]: names of empty folders that stand in it too
 *   stamp             any number               of their names token; the same files with the token in their metadata, pixels
 *                                                             untouched, without the place they were taken; png jpeg webp mp4
 *   print.make        picture                  print          -    any still, or a clip by its first frame; facts = {sha256, bytes, pixels, media, clip,
 *                                                             width, height, mark, spread, plain, mean}
 *   print.match       print, any number of     -              thresholds (likeness/match.h)   facts = {one, why, nearest[{name, share, same, phash,
 *                     originals' prints                       whole, mirrored, equal}]}
 *   picture.copies    any number               of their names decoded and written again with the request's tag alone; a clip by its first frame
 *   check             picture                  -              -                        facts = {width, height, media}: decoded whole
 *   clip.look         clip                     -              -                        facts = {width, height, media, look}: decoded whole; look has
 *                                                             seconds and frames[] (first, middle, last) beside the members of likeness/look.h
 * picture.fit, picture.copy and check take look (bool): then facts hold look {the members of likeness/look.h, likes[{name, distance, difference}]}
 * of the picture as it came, with one of likes for every further input. */
/* SPDX-License-Identifier: ISC */
#ifndef OPS_OPS_H
#define OPS_OPS_H

#include <cjson/cJSON.h>

#include "base/err.h"

struct op_file {
    char *name; /* input name or output role */
    char *path; /* absolute */
};

struct op_request {
    const char *op;
    const cJSON *params;
    const struct op_file *in;
    int in_n;
    const struct op_file *out;
    int out_n;
    const cJSON *tag; /* object of strings, may be NULL */
};

/* One operation: makes every output file of the request (the dispatcher measures, digests and syncs them afterwards) and may put
 * facts into ret_facts (an empty object, owned by the caller). Returns 0 or a code with its sentence. */
typedef int op_function(const struct op_request *request, cJSON *ret_facts, struct err *e);

op_function op_board_frame, op_board_strip;                                            /* draw/board_op.c */
op_function op_picture_split;                                                          /* picture/ops.c */
op_function op_picture_fit, op_picture_copy, op_check, op_clip_look;                   /* likeness/take_op.c */
op_function op_product_scene, op_product_faithful, op_thumbnail, op_background, op_avatar, op_combo_compose; /* draw/..._op.c */
op_function op_character_sheet, op_character_scene;                                    /* draw/character_op.c */
op_function op_sheet;                                                                  /* draw/sheet.c */
op_function op_film_push, op_film_hold, op_film_dissolve, op_film_join, op_film_copy;  /* film/ops.c, join.c, copy.c */
op_function op_film_frames;                                                            /* film/frames.c */
op_function op_print_make, op_print_match, op_picture_copies;                          /* likeness/ops.c */
op_function op_survey;                                                                 /* worker/survey_op.c */
op_function op_bundle;                                                                 /* unpack/bundle.c */
op_function op_stamp;                                                                  /* unpack/stamp.c */
op_function op_unpack;                                                                 /* unpack/unpack.c */

/* The path of an input or output, or NULL. Borrowed. */
const char *op_in(const struct op_request *request, const char *name);
const char *op_out(const struct op_request *request, const char *role);

#endif
