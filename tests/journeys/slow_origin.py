"""An origin that reads its state, and then takes its time to send it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.journeys.running_product import Product, free_port
from tests.own_process import HOST


class SlowOrigin(ThreadingHTTPServer):
    """Answers with `state`, as it was when it was asked, once the gate is open."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__((HOST, port), _Handler)
        self.state = b"old"
        self.tags = "d-1"
        self.gate = threading.Event()
        self.asked = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: SlowOrigin

    def do_GET(self) -> None:
        body = self.server.state
        if self.path.startswith("/api/"):
            self.server.asked.set()
            self.server.gate.wait(20)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "public, max-age=0, s-maxage=60")
        self.send_header("Surrogate-Key", self.server.tags)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def slow_origin() -> Iterator[tuple[SlowOrigin, Product]]:
    port = free_port()
    server = SlowOrigin(port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server, Product(port=port)
    finally:
        server.gate.set()
        server.shutdown()
        server.server_close()
