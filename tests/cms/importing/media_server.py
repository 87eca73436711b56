"""A real web server on loopback that behaves as old websites do, and worse."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.media.pictures import picture_bytes

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><title>Not found</title><script>alert(1)</script>"


class MediaServer:
    """What it answers by path, and which paths it was asked for."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[Any], None]] = {}
        self.stop = threading.Event()

    def put(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        """Answers `path` with this, from now on; gives its URL."""

        def answer(handler: Any) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.answers[path] = answer
        return self.url + path

    def redirect(self, path: str, target: str) -> str:
        """Sends whoever asks for `path` on to `target`."""
        return self.put(path, b"", 302, Location=target)

    def drip(self, path: str) -> str:
        """Answers a byte at a time, without end."""

        def answer(handler: Any) -> None:
            handler.send_response(200)
            handler.end_headers()
            while not self.stop.is_set():
                handler.wfile.write(b"x")
                time.sleep(0.05)

        self.answers[path] = answer
        return self.url + path

    def flood(self, path: str, chunk: bytes = b"x" * 65536) -> str:
        """Answers without end, as fast as it can."""

        def answer(handler: Any) -> None:
            handler.send_response(200)
            handler.end_headers()
            while not self.stop.is_set():
                handler.wfile.write(chunk)

        self.answers[path] = answer
        return self.url + path


def _handler_for(server: MediaServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

        def do_GET(self) -> None:
            server.asked.append(self.path)
            answer = server.answers.get(self.path)
            try:
                if answer is None:
                    self.send_error(404)
                else:
                    answer(self)
            except OSError:  # the client has hung up, as it should
                pass

    return Handler


@contextmanager
def running_media_server() -> Iterator[MediaServer]:
    server = MediaServer()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(server))
    httpd.daemon_threads = True
    server.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,))
    thread.start()
    server.put("/harbour.jpg", picture_bytes("jpg"))
    try:
        yield server
    finally:
        server.stop.set()
        httpd.shutdown()
        thread.join()
        httpd.server_close()
