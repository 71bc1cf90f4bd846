#!/bin/sh
# What is printed is sent at once: three lines, a second apart.
printf 'Content-Type: text/plain\n\n'
for _ in 1 2 3; do
  date '+%H:%M:%S'
  sleep 1
done
