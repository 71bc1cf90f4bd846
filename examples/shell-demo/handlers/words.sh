#!/bin/sh
# Prints JSON, so the caller gets an object.
text=${1:-}
words=$(printf '%s' "$text" | wc -w)
printf '{"words":%d,"characters":%d}\n' "$words" "${#text}"
