#!/bin/sh
# AgentCore for images without Node: serves the queue with what every image has, that is sh, awk and the usual file
# programs. Handlers are command lines of the manifest, RUN_TASK and files; exported functions need Node.
# Text from outside reaches this shell only as file contents and arguments, never as program text.

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
json=$here/json.awk
code_dir=${CODE_DIR:-${AGENT_DIR:-$(pwd)}}
agent_dir=${AGENT_DIR:-$code_dir}
remembered_most=1000
detail_bytes=65536

# handle <kind> <file with the script> <command> <parameters>: becomes the handler.
handle() {
  kind=$1 script=$2 command=$3
  shift 3
  cd "$code_dir" || exit 126
  case $kind in
    line) exec sh -c "$(cat "$script")" sh "$@" ;;
    script) exec "$code_dir/handlers/$command.sh" "$@" ;;
    shell) exec sh "$code_dir/handlers/$command.sh" "$@" ;;
    program) exec "$code_dir/handlers/$command" "$@" ;;
    own) exec "$code_dir/$command" "$@" ;;
  esac
}

# A handler in a session of its own begins here, because setsid starts programs and no functions.
if [ "${1:-}" = --handle ]; then
  shift
  handle "$@"
  exit 126
fi

fail() {
  printf 'AgentCore: %s\n' "$1" >&2
  exit 1
}

# Ends a handler, with its group where the image can make one.
kill_all() { kill -s "$1" -- "-$2" 2>/dev/null || kill -s "$1" "$2" 2>/dev/null; }

# store_error <layout root> <id> <code> <message> [folder with exit, stdout and stderr]
store_error() {
  root=$1 id=$2
  LC_ALL=C mode=failure error_code=$3 error_message=$4 error_details=${5:-} detail_bytes=$detail_bytes \
    legacy=$legacy awk -f "$json" >"$root/errors/$id.intermediate" </dev/null || return
  if [ -n "$legacy" ] && [ "$3" = TASK_CANCELLED ]; then
    printf '{"cancelled":true}' >"$root/errors/$id.intermediate"
    publish "$root/errors/$id.intermediate" "$results" "$id"
  else
    publish "$root/errors/$id.intermediate" "$root/errors" "$id"
  fi
}

# publish <file> <folder> <id>: first remembered, so that nobody sees an outcome that could not be asked for again.
publish() {
  kept=$remembered/$(basename "$2")
  mkdir -p "$kept"
  ln -f "$1" "$kept/$3" 2>/dev/null || cp "$1" "$kept/$3"
  mv -f "$1" "$2/$3"
}

# choose <command>: prints the kind of the handler; the script of a command line is left in $work/line.
choose() {
  if LC_ALL=C mode=command input=$agent_dir/manifest.json command=$1 awk -f "$json" >"$work/line" </dev/null; then
    echo line
  elif [ -n "${RUN_TASK:-}" ]; then
    LC_ALL=C mode=line line=$RUN_TASK awk -f "$json" >"$work/line" </dev/null
    echo line
  elif [ -f "$code_dir/handlers/$1.sh" ] && [ -x "$code_dir/handlers/$1.sh" ]; then echo script
  elif [ -f "$code_dir/handlers/$1.sh" ]; then echo shell
  elif [ -f "$code_dir/handlers/$1" ] && [ -x "$code_dir/handlers/$1" ]; then echo program
  else
    case $1 in
      *.* | install | update | run) echo none ;;
      *) if [ -f "$code_dir/$1" ] && [ -x "$code_dir/$1" ]; then echo own; else echo none; fi ;;
    esac
  fi
}

# serve <layout root> <id>: one claimed task from its file to its outcome. Runs in a subshell of its own.
serve() {
  root=$1 id=$2 work=$scratch/$2.work
  serve_claimed
  rm -rf "$work" "$root/locks/$id"
}

serve_claimed() {
  mkdir -p "$work" || return
  if ! problem=$(LC_ALL=C mode=task input=$root/locks/$id out=$work pause=$pause awk -f "$json" </dev/null); then
    store_error "$root" "$id" PAYLOAD_INVALID "${problem:-The task cannot be read.}"
    return
  fi
  command=$(cat "$work/command")
  if [ -f "$work/badcommand" ]; then kind=none; else kind=$(choose "$command"); fi
  if [ "$kind" = none ]; then
    reason="The agent has no command \"$command\"."
    [ -f "$code_dir/index.js" ] && reason="$reason Exported functions need Node, which this image does not have."
    store_error "$root" "$id" COMMAND_NOT_FOUND "$reason"
    return
  fi
  user=$(cat "$work/user" 2>/dev/null)
  set --
  [ "${PLOINKY_USER_FIRST:-}" = 1 ] && [ -f "$work/user" ] && set -- "$user"
  n=1
  while [ -f "$work/p$n" ]; do
    value=$(cat "$work/p$n" && printf x) # the x keeps newlines at the end
    set -- "$@" "${value%x}"
    n=$((n + 1))
  done
  export TASK_ID="$id" TASK_COMMAND="$command" RUN_FOR_USER_ID="$user"
  if [ -n "$session" ]; then
    setsid sh "$here/queue.sh" --handle "$kind" "$work/line" "$command" "$@" >"$work/stdout" 2>"$work/stderr" &
  else
    handle "$kind" "$work/line" "$command" "$@" >"$work/stdout" 2>"$work/stderr" &
  fi
  program=$!
  echo "$program" >"$work/pid"
  # Told to stop before it could be seen.
  [ -f "$work/cancelled" ] && kill_all TERM "$program"
  watch_time "$program" "$(cat "$work/seconds")" &
  watcher=$!
  wait "$program"
  code=$?
  kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
  echo "$code" >"$work/exit"
  if [ -f "$work/cancelled" ]; then
    store_error "$root" "$id" TASK_CANCELLED 'The task was cancelled while it ran.'
  elif [ -f "$work/late" ]; then
    store_error "$root" "$id" TASK_TIMEOUT "$command did not end within $(cat "$work/timeout") ms."
  elif [ "$code" -ne 0 ]; then
    store_error "$root" "$id" HANDLER_FAILED "$command ended with exit code $code" "$work"
  else
    # As it is: whoever reads it takes what is no JSON for text.
    mv "$work/stdout" "$results/$id.intermediate" && publish "$results/$id.intermediate" "$results" "$id"
  fi
}

# watch_time <pid> <seconds>: ends the handler when its time is up.
watch_time() {
  nap=
  trap 'kill "$nap" 2>/dev/null; exit 0' TERM
  sleep "$2" &
  nap=$!
  wait "$nap"
  : >"$work/late"
  kill_all TERM "$1"
  sleep 5 &
  nap=$!
  wait "$nap"
  kill_all KILL "$1"
}

is_id() {
  case $1 in
    '' | [.-]* | *[!A-Za-z0-9._-]* | *.intermediate | *.tmp | *.lookup) return 1 ;;
  esac
}

running() {
  set -- "$scratch"/*.work
  if [ -e "$1" ]; then echo $#; else echo 0; fi
}

# republish <id>: an outcome that was given before is given again.
republish() {
  for kept in "$remembered"/*/"$1"; do
    [ -f "$kept" ] || return 1
    again=$root/$(basename "$(dirname "$kept")")
    ln -f "$kept" "$again/$1" 2>/dev/null || { cp "$kept" "$again/$1.intermediate" && mv -f "$again/$1.intermediate" "$again/$1"; }
  done
}

look_up() {
  name=$(basename "$1" .lookup)
  asked=${name%.*}
  if ! is_id "$asked"; then state=unknown
  elif republish "$asked"; then state=republished
  elif [ -e "$root/locks/$asked" ]; then state=running
  elif [ -f "$scratch/forgot" ]; then state=unknown
  else state=neverSeen; fi
  printf '{"state":"%s","bootId":"%s"}' "$state" "$boot_id" >"$results/$name.lookup.intermediate"
  mv -f "$results/$name.lookup.intermediate" "$results/$name.lookup"
  rm -f "$1"
}

cancel() {
  id=$(basename "$1")
  rm -f "$1"
  is_id "$id" || return
  if [ -d "$scratch/$id.work" ]; then
    : >"$scratch/$id.work/cancelled"
    [ -f "$scratch/$id.work/pid" ] && kill_all TERM "$(cat "$scratch/$id.work/pid")"
  elif [ ! -e "$root/locks/$id" ] && ! republish "$id"; then
    store_error "$root" "$id" TASK_CANCELLED 'The task was cancelled before it ran.'
    # Nobody waits yet: it is only remembered, in case the cancel overtook its task.
    if [ -e "$tasks/$id" ]; then rm -f "$tasks/$id"; else rm -f "$root/errors/$id" "$results/$id"; fi
  fi
}

claim() {
  id=$(basename "$1")
  is_id "$id" || return
  if [ -e "$root/locks/$id" ] || republish "$id"; then
    rm -f "$1" # it runs, or ran
    return
  fi
  [ "$(running)" -lt "$most_programs" ] || return
  mv "$1" "$root/locks/$id" 2>/dev/null || return
  mkdir -p "$scratch/$id.work"
  (
    trap - TERM INT
    serve "$root" "$id"
  ) &
}

forget() {
  for folder in "$remembered"/*; do
    [ -d "$folder" ] || continue
    extra=$(ls -t "$folder" | tail -n "+$((remembered_most + 1))")
    [ -n "$extra" ] || continue
    : >"$scratch/forgot"
    for old in $extra; do rm -f "$folder/$old"; done
  done
}

use_layout() {
  root=$1 remembered=$1/remembered
  if [ "$root" = "$queue_dir" ]; then
    tasks=$root/tasks results=$root/results legacy=
  else
    tasks=$root/requests results=$root/responses legacy=1
  fi
}

prepare() {
  use_layout "$1"
  mkdir -p "$tasks" "$results" "$root/errors" "$root/locks" "$root/urgent" || return 1
  rm -rf "$remembered"
  mkdir -p "$remembered"
  # Claimed by a former process: they may have run, and nobody knows how far.
  for lock in "$root/locks"/*; do
    id=$(basename "$lock")
    is_id "$id" && [ -e "$lock" ] || continue
    [ -e "$results/$id" ] || [ -e "$root/errors/$id" ] ||
      store_error "$root" "$id" TASK_OUTCOME_UNKNOWN 'The agent ended while the task was under way.'
    rm -rf "$lock"
  done
}

look() {
  use_layout "$1"
  for file in "$root/urgent"/*; do [ -e "$file" ] && cancel "$file"; done
  [ -z "$stopping" ] || return
  for file in "$tasks"/*; do
    case $file in
      *.intermediate) ;;
      *.lookup) [ -e "$file" ] && look_up "$file" ;;
      *) [ -f "$file" ] && claim "$file" ;;
    esac
  done
}

leave() {
  for pid in "$scratch"/*.work/pid; do [ -f "$pid" ] && kill_all KILL "$(cat "$pid")"; done
  rm -rf "$scratch"
  exit 0
}

stop() {
  [ -n "$ready" ] && rm -f "$ready"
  [ -z "$stopping" ] || leave
  stopping=$(date +%s)
}

queue_dir=${PLOINKY_QUEUE_DIR:-$agent_dir/.ploinky/queue}
grace_seconds=$((${PLOINKY_GRACE_MS:-8000} / 1000))
most_programs=${PLOINKY_MAX_PROGRAMS:-32}
boot_id=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || echo "$(date +%s)-$$")
session=$(command -v setsid)
# Not every sleep takes fractions.
if sleep 0.001 2>/dev/null; then pause=0.1; else pause=1; fi
ready=
stopping=
command -v awk >/dev/null 2>&1 || fail 'this image has neither Node nor awk; AgentCore needs one of them.'
[ "${PLOINKY_TRANSPORT:-}" != http ] || fail 'this image has no Node, which the http transport needs; use the queue.'
[ -z "${PLOINKY_RUN_DIR:-}" ] || rm -f "$PLOINKY_RUN_DIR/queue.json"
trap stop TERM INT
layouts=1
scratch=$(mktemp -d "${TMPDIR:-/tmp}/agent-core.XXXXXX") || fail 'no folder for temporary files can be made.'
prepare "$queue_dir" || fail "the queue $queue_dir cannot be served."
if [ -d "$agent_dir/.tasks" ] && prepare "$agent_dir/.tasks"; then layouts=2; fi
if [ -n "${PLOINKY_RUN_DIR:-}" ]; then
  ready=$PLOINKY_RUN_DIR/queue.json
  printf '{"bootId":"%s","transport":"queue","pid":%s}' "$boot_id" "$$" >"$ready.new" && mv -f "$ready.new" "$ready"
fi
printf 'AgentCore serves %s at the queue, without Node, boot %s\n' "$code_dir" "$boot_id"
rounds=0
while :; do
  look "$queue_dir"
  [ "$layouts" = 2 ] && look "$agent_dir/.tasks"
  rounds=$((rounds + 1))
  [ $((rounds % 100)) -ne 0 ] || forget
  if [ -n "$stopping" ]; then
    [ "$(running)" -gt 0 ] && [ "$(($(date +%s) - stopping))" -lt "$grace_seconds" ] || leave
  fi
  # In the background, because a shell acts on a signal only while it waits.
  sleep "$pause" &
  wait $!
done
