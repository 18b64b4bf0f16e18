"""Checks src/ and tests/ for the rules of style that need no judgement: lengths, the opening comment and the licence line; in
src/ also banned functions and a comment at every prototype of a header. Prints one line per finding; answers 1 when there is any."""
# SPDX-License-Identifier: ISC
import glob
import re
import sys

FILE_LINES = 600
FUNCTION_LINES = 80
BANNED = "strcpy strcat sprintf vsprintf gets strtok system popen atoi atol atof alloca".split()
RAW_MEMORY = "malloc calloc realloc strdup strndup asprintf vasprintf".split()
PLAIN_ENDS = ("_finish", "_free", "_destroy", "_close")  # these say what they do; NULL or zeroed memory is always fine
VENDORS = "fal gemini openrouter runpod comfyui veo dzine kling midjourney automatic1111".split()

found = 0


def say(path, line, text):
    global found
    found += 1
    print(f"{path}:{line}: {text}")


def blank(match):
    """Same lines, nothing in them."""
    return re.sub(r"[^\n]", " ", match.group(0))


def without_comments(text):
    """The text with comments blank, and what strings hold blank too."""
    piece = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return piece.sub(lambda m: blank(m) if m.group(0)[0] == "/" else '""', text)


def check_calls(path, code, names, why):
    for match in re.finditer(r"(?<![\w.>])(" + "|".join(names) + r")\s*\(", code):
        say(path, code.count("\n", 0, match.start()) + 1, f"{match.group(1)}() {why}")


def check_opening(path, text):
    if not text.startswith("/*"):
        say(path, 1, "no opening comment: what comes in, what goes out, what it never does")
    head = text[: text.find("*/") + 200]
    if "SPDX-License-Identifier: ISC" not in head:
        say(path, 2, "no SPDX line under the opening comment")


def check_lengths(path, text):
    lines = text.split("\n")
    if len(lines) - 1 > FILE_LINES:
        say(path, FILE_LINES, f"{len(lines) - 1} lines; a file ends at {FILE_LINES}")
    start = None
    for i, line in enumerate(lines, 1):
        if line == "{":
            start = i
        elif line.startswith("}") and start:
            if i - start - 1 > FUNCTION_LINES:
                say(path, start, f"a function of {i - start - 1} lines; {FUNCTION_LINES} are the end")
            start = None


def check_prototypes(path, text):
    """Every prototype has a comment on its lines, or in its paragraph, or right above it."""
    line, commented_before = 1, False
    for paragraph in re.split(r"(\n[ \t]*\n)", text):
        code = without_comments(paragraph)
        # What stands inside braces is a member or a body, not a prototype.
        code = re.sub(r"\{[^{}]*\}", blank, re.sub(r"\{[^{}]*\}", blank, code))
        commented = "/*" in paragraph or "*/" in paragraph
        for match in re.finditer(r"^(?!typedef|static|#|return)[A-Za-z_][\w \t*]*\([^;{]*\)[^;{]*;", code, re.M):
            name = re.search(r"(\w+)\s*\(", match.group(0))[1]
            if not commented and not commented_before and not name.endswith(PLAIN_ENDS):
                say(path, line + code.count("\n", 0, match.start()), "a prototype without a sentence")
        if paragraph.strip():
            commented_before = paragraph.rstrip().endswith("*/")
        line += paragraph.count("\n")


def check_vendors(path, code):
    for name in VENDORS:
        for match in re.finditer(r"\b" + name + r"\b", code, re.I):
            say(path, code.count("\n", 0, match.start()) + 1, f"the engine knows the vendor {name}; rules and providers may")


def check_file(path):
    text = open(path, encoding="utf-8").read()
    code = without_comments(text)
    check_opening(path, text)
    check_lengths(path, text)
    if path.startswith("src/"):
        check_calls(path, code, BANNED, "is not used here")
        if path != "src/base/mem.c":
            check_calls(path, code, RAW_MEMORY, "can fail: base/mem.h has the one that cannot")
        if path.endswith(".h"):
            check_prototypes(path, text)
    if path.startswith("src/engine/"):
        check_vendors(path, text)


files = sorted(f for root in ("src", "tests") for f in glob.glob(root + "/**/*.[ch]", recursive=True))
for name in files:
    check_file(name)
print(f"style: {len(files)} files, {found} to mend")
sys.exit(found > 0)
