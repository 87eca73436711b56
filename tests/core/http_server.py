"""A real HTTP server on loopback that answers as a test tells it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Node:
    """A cache node: what it received, and what it answers."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    url: str = ""


def _handler_for(node: Node) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

        def do_PURGE(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            node.received.append(Received(self.command, self.path, headers))
            self.send_response(node.status)
            for name, value in node.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_PURGE  # noqa: N815 - the library's name

    return Handler


@contextmanager
def running_node() -> Iterator[Node]:
    node = Node()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(node))
    node.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    try:
        yield node
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()
