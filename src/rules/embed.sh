#!/bin/sh
# embed.sh FILE.json...: prints a C header with the text of each file under its name, for kinds.c.
echo 'static const struct { const char *name; const char *text; } schema_texts[] = {'
for file; do
    name=${file##*/}
    printf '{"%s",\n' "${name%.json}"
    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$/\\n"/' "$file"
    echo '},'
done
echo '};'
