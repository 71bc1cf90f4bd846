#!/bin/sh
# The page at the bare address. Values from outside are escaped before they become part of HTML.
escaped() {
  printf '%s' "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'
}

printf 'Content-Type: text/html; charset=utf-8\n\n'
cat <<EOF
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>cgi</title>
<h1>Shell scripts, one for each address</h1>
<p>You are $(escaped "$REMOTE_ADDR") and came with $(escaped "${HTTP_USER_AGENT:-no name}").</p>
<ul>
  <li><a href="hello?name=World">hello</a></li>
  <li><a href="env">env</a></li>
  <li><a href="moved">moved</a></li>
</ul>
</html>
EOF
