#!/bin/sh
# Runs one program for the process engine and outlives the server that started it.
#
#   cd <folder> && sh shim.sh <start id> <working directory> <whom> <program> [argument ...] 3>ready
#
# Writes `pid` ("<pid> <start time>"), then makes `claim`: who comes too late for that runs nothing and ends with 97.
# A dot on descriptor 3 says that the program has begun. SIGTERM is passed on to the program, as the init of a container
# does, or to all of its group where <whom> is `group`: a shell in between would keep it to itself. When the program has ended its exit code is written to `exit`, and whatever it left running in the group is
# killed, this shell too.
#
# Only builtins, and ps where there is no /proc: the PATH belongs to the program. One group in braces: the shell has
# read all of it before it runs any of it, so an update may replace this file meanwhile.
{
  start=$1
  folder=$2
  whom=$3
  shift 3
  # The server may be gone before the dot is written.
  trap '' PIPE
  child=
  told=
  pass_on() {
    told=yes
    [ -n "$child" ] || return 0
    if [ "$whom" = group ]; then
      # Everyone is told once, and this one has been.
      trap '' TERM
      kill -TERM 0 2>/dev/null
      trap pass_on TERM
    else
      kill -TERM "$child" 2>/dev/null
    fi
  }
  trap pass_on TERM INT HUP

  # Pid and start time name a process; a pid alone is used again. Field 22, the 20th behind the name in brackets.
  start_time() {
    shift 19
    since=$1
  }
  if [ -r "/proc/$$/stat" ]; then
    IFS= read -r stat <"/proc/$$/stat"
    # Splitting into fields is what is wanted here.
    # shellcheck disable=SC2086
    start_time ${stat##*) }
  else
    since=$(LC_ALL=C TZ=UTC /bin/ps -o lstart= -p "$$")
  fi

  # The folder may have been moved away and another put in its place; this one is still the working directory.
  [ -f "start-$start" ] || exit 97
  printf '%s %s\n' "$$" "$since" >pid || exit 97
  set -C
  { printf '' >claim; } 2>/dev/null || exit 97
  set +C

  (
    trap - TERM INT HUP PIPE
    cd "$folder" && exec "$@"
  ) 3>&- &
  child=$!
  { printf . >&3; } 2>/dev/null
  exec 3>&-
  [ -z "$told" ] || kill -TERM "$child" 2>/dev/null

  wait "$child"
  code=$?
  # A signal ends `wait` before the program ends. 127: it was no such signal, and there is nothing left to wait for.
  while [ -n "$told" ]; do
    told=
    wait "$child"
    again=$?
    [ "$again" -eq 127 ] || code=$again
  done
  trap '' TERM INT HUP
  printf '%s\n' "$code" >exit
  kill -KILL 0
}
