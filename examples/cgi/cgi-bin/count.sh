#!/bin/sh
# POST anything: its body comes on standard input.
if [ "$REQUEST_METHOD" != POST ]; then
  printf 'Status: 405 Method Not Allowed\nAllow: POST\nContent-Type: text/plain\n\nSend something with POST.\n'
  exit
fi
set -- $(wc)
printf 'Content-Type: application/json\n\n{"lines":%d,"words":%d,"bytes":%d}\n' "$1" "$2" "$3"
