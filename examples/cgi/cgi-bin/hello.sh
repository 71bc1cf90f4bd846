#!/bin/sh
# /hello?name=You  Pairs of the query are taken apart without eval: what comes from outside never becomes a command.
name=$(printf '%s' "$QUERY_STRING" | tr '&' '\n' | sed -n 's/^name=//p' | head -n 1)
# + is a blank, and %41 is A; printf gives the bytes.
name=$(printf '%s' "$name" | sed 's/\\/%5C/g; s/+/ /g; s/%\([0-9A-Fa-f][0-9A-Fa-f]\)/\\x\1/g')
if [ -n "$name" ]; then name=$(awk -v text="$name" 'BEGIN { printf "%s", text }'); fi

printf 'Content-Type: text/plain; charset=utf-8\n\n'
printf 'Hello, %s!\n' "${name:-World}"
