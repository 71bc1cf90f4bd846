#!/bin/sh
printf '%s\n' "${RUN_FOR_USER_ID:-nobody in particular}"
