# What queue.sh needs of JSON, in any POSIX awk. Input and output are named by environment variables.
#   mode=task     input=<file> out=<folder>     parts of a task as files; prints what is wrong and exits 1 otherwise
#   mode=command  input=<manifest> command=<c>  prints the script of commands.<c>; exits 1 when there is none
#   mode=line     line=<text>                prints the script of a command line
#   mode=failure  error_code error_message error_details=<folder> detail_bytes legacy   prints an error file

BEGIN {
  ORS = ""
  for (i = 1; i < 32; i++) escapes[sprintf("%c", i)] = sprintf("\\u%04x", i)
  escapes["\""] = "\\\""
  escapes["\\"] = "\\\\"
  plain["\""] = "\""; plain["\\"] = "\\"; plain["/"] = "/"
  plain["b"] = "\b"; plain["f"] = "\f"; plain["n"] = "\n"; plain["r"] = "\r"; plain["t"] = "\t"
  mode = ENVIRON["mode"]
  if (mode == "task") read_task()
  else if (mode == "command") read_command()
  else if (mode == "line") print script_of(ENVIRON["line"])
  else if (mode == "failure") write_failure()
  exit status
}

# The whole file. \001 cannot be part of JSON, so as a separator it never separates.
function slurp(file,   text, keep, got) {
  keep = RS; RS = "\001"
  text = ""; got = 0
  while ((getline record < file) > 0) { text = got ? text "\001" record : record; got = 1 }
  close(file)
  RS = keep
  return text
}

function skip_space() { while (substr(T, P, 1) ~ /^[ \t\r\n]$/) P++ }

# Reads the string at P into DECODED; 0 when it is none. NUL becomes the mark HAS_NUL, for awk cannot hold it.
function read_string(   window, c, parts, hex, low) {
  if (substr(T, P, 1) != "\"") return 0
  P++; parts = ""
  while (1) {
    window = substr(T, P, 2048)
    if (window == "") return 0
    if (!match(window, /["\\]/)) { parts = parts window; P += length(window); continue }
    parts = parts substr(window, 1, RSTART - 1)
    P += RSTART - 1
    if (substr(T, P, 1) == "\"") { P++; DECODED = parts; return 1 }
    c = substr(T, P + 1, 1)
    if (c in plain) { parts = parts plain[c]; P += 2; continue }
    if (c != "u") return 0
    hex = number_of(substr(T, P + 2, 4))
    if (hex < 0) return 0
    P += 6
    if (hex >= 55296 && hex <= 56319 && substr(T, P, 2) == "\\u") {
      low = number_of(substr(T, P + 2, 4))
      if (low >= 56320 && low <= 57343) { hex = 65536 + (hex - 55296) * 1024 + (low - 56320); P += 6 }
    }
    if (hex == 0) HAS_NUL = 1
    else parts = parts utf8(hex)
  }
}

function number_of(hex,   i, value, digit) {
  if (length(hex) != 4) return -1
  value = 0
  for (i = 1; i <= 4; i++) {
    digit = index("0123456789abcdef", tolower(substr(hex, i, 1)))
    if (digit == 0) return -1
    value = value * 16 + digit - 1
  }
  return value
}

function utf8(code) {
  if (code >= 55296 && code <= 57343) code = 65533
  if (code < 128) return sprintf("%c", code)
  if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
  if (code < 65536) return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
  return sprintf("%c%c%c%c", 240 + int(code / 262144), 128 + int(code / 4096) % 64, 128 + int(code / 64) % 64, 128 + code % 64)
}

# Steps over the value at P; 0 when it is none. Afterwards RAW is its text and KIND its kind.
function read_value(depth,   from, c, close_with, kind) {
  skip_space()
  from = P
  c = substr(T, P, 1)
  if (depth > 200) return 0
  if (c == "\"") {
    if (!read_string()) return 0
    kind = "string"
  } else if (c == "{" || c == "[") {
    kind = c == "{" ? "object" : "array"
    close_with = c == "{" ? "}" : "]"
    P++; skip_space()
    if (substr(T, P, 1) == close_with) P++
    else while (1) {
      if (kind == "object") {
        skip_space()
        if (!read_string()) return 0
        skip_space()
        if (substr(T, P, 1) != ":") return 0
        P++
      }
      if (!read_value(depth + 1)) return 0
      skip_space()
      c = substr(T, P, 1)
      P++
      if (c == close_with) break
      if (c != ",") return 0
    }
  } else if (match(substr(T, P, 400), /^(true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?)/)) {
    P += RLENGTH
    kind = "word"
  } else return 0
  RAW = substr(T, from, P - from)
  KIND = kind
  return 1
}

# Positions and kinds of the members of the object at P, in `at` and `kinds` by name; 0 when it is no object.
function read_members(at, kinds,   name, c) {
  skip_space()
  if (substr(T, P, 1) != "{") return 0
  P++; skip_space()
  if (substr(T, P, 1) == "}") { P++; return 1 }
  while (1) {
    skip_space()
    if (!read_string()) return 0
    name = DECODED
    skip_space()
    if (substr(T, P, 1) != ":") return 0
    P++; skip_space()
    at[name] = P
    if (!read_value(1)) return 0
    kinds[name] = KIND; raws[name] = KIND == "word" ? RAW : ""
    skip_space()
    c = substr(T, P, 1)
    P++
    if (c == "}") return 1
    if (c != ",") return 0
  }
}

function text_at(position) {
  P = position
  read_string()
  return DECODED
}

function refuse(message) { print message; status = 1; exit 1 }

function put(name, text) { print text > (out "/" name); close(out "/" name) }

function read_task(   at, kinds, command, timeout, n) {
  out = ENVIRON["out"]
  T = slurp(ENVIRON["input"]); P = 1
  if (!read_members(at, kinds)) refuse("The task is no valid JSON object.")
  skip_space()
  if (P <= length(T)) refuse("The task is no valid JSON.")
  if (kinds["command"] != "string") refuse("\"command\" must be a string.")
  command = text_at(at["command"])
  put("command", substr(command, 1, 100))
  if (HAS_NUL || length(command) > 100 || command !~ /^[A-Za-z0-9_][A-Za-z0-9._-]*$/ || command ~ /\.\./ || \
      command == "__proto__" || command == "constructor" || command == "prototype") put("badcommand", "")
  HAS_NUL = 0
  if (kinds["runForUserId"] == "string") put("user", text_at(at["runForUserId"]))
  timeout = ("timeoutMs" in at) ? raws["timeoutMs"] : "30000"
  if (timeout !~ /^[1-9][0-9]*$/) refuse("\"timeoutMs\" must be a whole number of milliseconds, at least 1.")
  put("timeout", timeout)
  # Whole seconds for a sleep that takes no fractions, and where awk would not print one.
  put("seconds", ENVIRON["pause"] == "1" || timeout > 1000000 ? int((timeout + 999) / 1000) : timeout / 1000)
  if (!("params" in at) || raws["params"] == "null") n = 0
  else if (kinds["params"] == "array") n = read_list(at["params"])
  else { P = at["params"]; n = 1; put_value(1) }
  if (HAS_NUL) refuse("A parameter of " command " holds a NUL, which no program argument can.")
}

function read_list(position,   n) {
  P = position + 1
  skip_space()
  n = 0
  if (substr(T, P, 1) == "]") return 0
  while (1) {
    put_value(++n)
    skip_space()
    if (substr(T, P, 1) != ",") return n
    P++
  }
}

function put_value(n) {
  read_value(1)
  put("p" n, KIND == "string" ? DECODED : RAW)
}

function read_command(   wanted, at, kinds, inner, inner_kinds, step, text) {
  wanted = ENVIRON["command"]
  status = 1
  T = slurp(ENVIRON["input"]); P = 1
  if (substr(T, 1, 3) == "\357\273\277") P = 4
  if (!read_members(at, kinds) || kinds["commands"] != "object") return
  P = at["commands"]
  if (!read_members(inner, inner_kinds) || inner_kinds[wanted] != "string") return
  step = wanted == "install" || wanted == "update" || wanted == "run"
  if (step && (kinds[wanted] != "string" || text_at(at[wanted]) !~ /[^ \t\r\n]/)) return
  text = text_at(inner[wanted])
  if (text !~ /[^ \t\r\n]/) return
  print script_of(text)
  status = 0
}

# Text that places its arguments itself is left alone; a $ inside single quotes is none of the shell's.
function script_of(text,   i, c, quote) {
  quote = ""
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (quote == "'") { if (c == "'") quote = "" }
    else if (c == "\\") i++
    else if (c == "\"") quote = quote == "\"" ? "" : "\""
    else if (c == "'" && quote == "") quote = "'"
    else if (c == "$" && substr(text, i + 1, 2) ~ /^([@*1-9]|\{[@*1-9])/) return text
  }
  sub(/[ \t\r\n]+$/, "", text)
  return text " \"$@\""
}

function write_failure(   folder, code, err, outp, message) {
  message = ENVIRON["error_message"]
  folder = ENVIRON["error_details"]
  if (folder != "") {
    code = slurp(folder "/exit") + 0
    err = tail_of(slurp(folder "/stderr")); outp = tail_of(slurp(folder "/stdout"))
    message = message (last_line(err) != "" ? ": " last_line(err) : last_line(outp) != "" ? ": " last_line(outp) : ".")
  }
  print "{"
  if (ENVIRON["legacy"] != "") print "\"error\":true,"
  print "\"code\":\""; print_escaped(ENVIRON["error_code"])
  print "\",\"message\":\""; print_escaped(message)
  print "\",\"details\":"
  if (folder == "") print "null}"
  else {
    print "{\"code\":" code ",\"signal\":null,\"stderr\":\""; print_escaped(err)
    print "\",\"stdout\":\""; print_escaped(outp)
    print "\"}}"
  }
}

function tail_of(text,   most) {
  most = ENVIRON["detail_bytes"]
  return length(text) > most ? "..." substr(text, length(text) - most + 1) : text
}

function last_line(text,   n, lines) {
  sub(/[ \t\r\n]+$/, "", text)
  n = split(text, lines, "\n")
  return n ? substr(lines[n], 1, 500) : ""
}

function print_escaped(text,   n, i, at, pieces) {
  n = split(text, pieces, /["\\\001-\037]/)
  at = 1
  for (i = 1; i <= n; i++) {
    print pieces[i]
    at += length(pieces[i])
    if (i < n) print escapes[substr(text, at++, 1)]
  }
}
