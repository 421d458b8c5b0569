"""An HTTP service for readme_recipes.sh: prints its port, then a line for each answer.

    SECONDS METHOD PATH STATUS IDEMPOTENCY-KEY BODY

with _ for blanks in BODY. POST refuses the key "2" once, with Retry-After: 1; /gone is not there;
all else is served.
"""

import http.server
import sys
import threading
import time
import urllib.parse

lock = threading.Lock()
refused = set()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        body = urllib.parse.unquote_plus(body).replace(" ", "_")
        key = self.headers.get("Idempotency-Key", "-")
        with lock:
            busy = self.command == "POST" and key == "2" and key not in refused
            refused.add(key)
            status = 429 if busy else 404 if self.path == "/gone" else 200
            print(f"{time.monotonic():.3f}", self.command, self.path, status, key, body, flush=True)
        reply = f"answer to {self.path} {key}\n".encode()
        self.send_response(status)
        if busy:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply)

    do_GET = do_HEAD = do_POST = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
sys.stdin.close()
server.serve_forever()
