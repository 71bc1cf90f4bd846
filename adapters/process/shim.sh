#!/bin/sh
# Runs one program for the process engine and outlives the server that started it.
#
#   shim.sh <folder> <start id> <program> [argument ...]
#
# Writes <folder>/pid ("<pid> <start time>") before the program begins: whoever comes second with the same folder ends
# with 75 and runs nothing. Passes SIGTERM on, and writes the exit code to <folder>/exit when the program has ended.
folder=$1
start_id=$2
shift 2

# Start time and pid together name a process; a pid alone is used again. Field 22, counted behind the name in brackets.
start_time() {
  if read -r stat <"/proc/$$/stat" 2>/dev/null; then
    # Splitting into fields is what is wanted here.
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    shift 19
    echo "$1"
  else
    LC_ALL=C ps -o lstart= -p "$$" | tr -s ' ' '_'
  fi
}

started=$(start_time)
[ -f "$folder/start-$start_id" ] || exit 75
set -C
{ echo "$$ $started" >"$folder/pid"; } 2>/dev/null || exit 75
set +C

"$@" </dev/null &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' TERM INT HUP
wait "$child"
code=$?
# A signal ends `wait` early; the program may live on.
while kill -0 "$child" 2>/dev/null; do
  wait "$child"
  code=$?
done
echo "$code" >"$folder/exit.new" && mv "$folder/exit.new" "$folder/exit"
exit "$code"
