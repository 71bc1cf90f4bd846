"""A web service on http.server. Flask, Django and FastAPI do as well: all they have to do is to listen on PORT."""

import json
import os
import platform
import signal
import threading
from collections import Counter
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PORT = int(os.environ.get("PORT", "8000"))
# A plain process of the machine shall not be open to its network; in a container all addresses are its own.
HOST = os.environ.get("PLOINKY_LISTEN_HOST", "")
MOST = 1024 * 1024

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>python-app</title>
<h1>python-app</h1>
<p>Python {version}, deployed at {prefix}</p>
<form method="post" action="words">
  <textarea name="text" rows="5" cols="60"></textarea><br>
  <button>Count the words</button>
</form>
</html>
"""


class Problem(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    # Connections are kept for the next request.
    protocol_version = "HTTP/1.1"
    server_version = "python-app"

    def do_GET(self):
        self.answer(
            {
                "/": self.page,
                "/hello": self.hello,
                "/version": self.version,
            }
        )

    do_HEAD = do_GET

    def do_POST(self):
        self.answer({"/words": self.words})

    def answer(self, routes):
        url = urlsplit(self.path)
        try:
            route = routes.get(url.path)
            if route is None:
                raise Problem(404, f"There is no {self.command} {url.path} here.")
            route(parse_qs(url.query))
        except Problem as problem:
            # What is left of a body that was not read would be taken for the next request.
            self.close_connection = True
            self.json(problem.status, {"error": str(problem)})

    def page(self, _query):
        prefix = escape(self.headers.get("X-Forwarded-Prefix", "/"))
        text = PAGE.format(version=platform.python_version(), prefix=prefix)
        self.send(200, "text/html; charset=utf-8", text.encode())

    def hello(self, query):
        self.json(200, {"message": f"Hello, {query.get('name', ['World'])[0]}!"})

    def version(self, _query):
        self.json(200, {"python": platform.python_version()})

    def words(self, _query):
        """Takes JSON {"text": …}, a form, or plain text."""
        body = self.body().decode("utf-8", "replace")
        kind = self.headers.get_content_type()
        if kind == "application/json":
            try:
                body = json.loads(body)["text"]
            except (ValueError, KeyError, TypeError) as error:
                raise Problem(400, 'The body should be {"text": "…"}.') from error
        elif kind == "application/x-www-form-urlencoded":
            body = parse_qs(body).get("text", [""])[0]
        words = str(body).split()
        common = Counter(word.lower() for word in words).most_common(3)
        self.json(200, {"words": len(words), "common": [list(pair) for pair in common]})

    def body(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise Problem(411, "Say with Content-Length how long the body is.")
        if int(length) > MOST:
            raise Problem(413, f"The body is over {MOST} bytes.")
        return self.rfile.read(int(length))

    def json(self, status, value):
        self.send(status, "application/json; charset=utf-8", (json.dumps(value) + "\n").encode())

    def send(self, status, kind, content):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, message, *values):
        print(message % values)


class Server(ThreadingHTTPServer):
    # Many connections may arrive at once.
    request_queue_size = 128
    daemon_threads = True


if __name__ == "__main__":
    server = Server((HOST, PORT), Handler)
    # shutdown() waits for serve_forever(), which runs in the thread that signals interrupt.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"python-app listens on port {PORT}", flush=True)
    server.serve_forever()
