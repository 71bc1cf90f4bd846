#!/bin/sh
# Starts AgentCore: the whole of it where the image has Node, else the shell's part of it, which serves the queue.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
if command -v node >/dev/null 2>&1; then
  exec node "$here/server.js"
fi
exec sh "$here/queue.sh"
