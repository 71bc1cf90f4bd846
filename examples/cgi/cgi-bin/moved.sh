#!/bin/sh
# A header alone is an answer: Location makes it a redirect. SCRIPT_NAME has the path that this agent is deployed at.
printf 'Location: %s/hello?name=again\n\n' "${SCRIPT_NAME%/moved}"
