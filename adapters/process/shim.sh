#!/bin/sh
# Runs one program for the process engine and outlives the server that started it.
#
#   cd <folder> && sh shim.sh <start id> <working directory> <oom score> <program | behind> <program> [argument ...] 3>ready
#
# Writes `pid` ("<pid> <start time>"), then makes `claim`: who comes too late for that runs nothing and ends with 97.
# <oom score> is put in /proc/self/oom_score_adj where there is one, unless it is empty.
# A dot on descriptor 3 says that the program has begun. SIGTERM is passed on to the program, as the init of a container
# does; with `behind` also to whoever it started, as far as nobody there would pass it on. What is left of its
# group when the program has ended after that is told once too, and waited for: the server ends what takes too long. Then
# the exit code is written to `exit`, and whatever runs in the group is killed, this shell too.
#
# Only builtins, ps where there is no /proc, and sleep: the PATH belongs to the program. One group in braces: the shell has
# read all of it before it runs any of it, so an update may replace this file meanwhile.
{
  start=$1
  folder=$2
  score=$3
  whom=$4
  shift 4
  # The server may be gone before the dot is written.
  trap '' PIPE
  child=
  heard=
  asked=
  # Everyone is told once: to many programs a second signal says that there is no time left.
  told=' '
  tell() {
    told="$told$1 "
    kill -TERM "$1" 2>/dev/null
  }
  # SigCgt of /proc/<pid>/status in hex: bit 14 is SIGTERM.
  catches() {
    while read -r key mask; do
      [ "$key" = SigCgt: ] || continue
      case $mask in *[4-7c-f]???) return 0 ;; *) return 1 ;; esac
    done <"/proc/$1/status"
  } 2>/dev/null
  children_of() {
    children=
    # A list without a line end is read all the same.
    { read -r children <"/proc/$1/task/$1/children" || :; } 2>/dev/null
  }
  # A shell that is told ends and keeps the signal to itself; whoever catches it looks after its own.
  tell_behind() {
    for pid in "$@"; do
      children=
      catches "$pid" || children_of "$pid"
      tell "$pid"
      # shellcheck disable=SC2086
      tell_behind $children
    done
  }
  pass_on() {
    heard=yes
    [ -n "$child" ] || return 0
    [ -z "$asked" ] || return 0
    asked=yes
    children=
    if [ "$whom" = program ]; then
      :
    elif [ -r "/proc/$child/task/$child/children" ]; then
      children_of "$child"
    else
      # The whole group, but for this one, which has been told.
      trap '' TERM
      kill -TERM 0
      return
    fi
    tell "$child"
    # shellcheck disable=SC2086
    tell_behind $children
  }
  # Who is in the group of this shell besides it, and has not ended.
  find_left() {
    left=
    for stat in /proc/[0-9]*/stat; do
      { IFS= read -r line <"$stat"; } 2>/dev/null || continue
      pid=${stat#/proc/}
      pid=${pid%/stat}
      # shellcheck disable=SC2086
      set -- ${line##*) }
      if [ "${3-}" = "$$" ] && [ "$1" != Z ] && [ "$pid" != "$$" ]; then left="$left $pid"; fi
    done
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
    # Out of memory the kernel ends the program rather than the server; anybody may put himself forward.
    [ -z "$score" ] || { printf '%s\n' "$score" >/proc/self/oom_score_adj; } 2>/dev/null
    cd "$folder" && exec "$@"
  ) 3>&- &
  child=$!
  { printf . >&3; } 2>/dev/null
  exec 3>&-
  [ -z "$heard" ] || pass_on

  wait "$child"
  code=$?
  # A signal ends `wait` before the program ends. 127: it was no such signal, and there is nothing left to wait for.
  while [ -n "$heard" ]; do
    heard=
    wait "$child"
    again=$?
    [ "$again" -eq 127 ] || code=$again
  done
  trap '' TERM INT HUP
  while [ -n "$asked" ]; do
    find_left
    [ -n "$left" ] || break
    for pid in $left; do
      case $told in *" $pid "*) ;; *) tell "$pid" ;; esac
    done
    command -p sleep 0.05
  done
  printf '%s\n' "$code" >exit
  kill -KILL 0
}
