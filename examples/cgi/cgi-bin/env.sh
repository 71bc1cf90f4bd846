#!/bin/sh
# What a script gets to know of a request.
printf 'Content-Type: text/plain; charset=utf-8\nCache-Control: no-store\n\n'
env | grep -E '^(GATEWAY|SERVER|REQUEST|SCRIPT|PATH_INFO|QUERY|REMOTE|CONTENT|HTTP)' | sort
