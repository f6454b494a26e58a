"""A gateway out of its mind: whatever it is asked over HTTP, it gives the answer it was told."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


class Answering:
    def __init__(self) -> None:
        self.status, self.body = 200, b""
        handler = type("Handler", (_Handler,), {"told": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def says(self, answer: Any, status: int = 200) -> None:
        """Bytes as they are, everything else as JSON."""
        self.status = status
        self.body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def __enter__(self) -> "Answering":
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    told: Answering

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.told.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.told.body)))
        self.end_headers()
        self.wfile.write(self.told.body)

    def log_message(self, format: str, *args: Any) -> None:
        """A test's output is its own."""
