#!/bin/sh
echo 'This command always fails.' >&2
exit 3
