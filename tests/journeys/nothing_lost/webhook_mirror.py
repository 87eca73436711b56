"""A receiver of webhooks, which verifies each signature; at times it is rude."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from standardwebhooks import Webhook, WebhookVerificationError

from tests.journeys.nothing_lost.mirrors import Inbox
from tests.own_process import HOST

# Of a hundred requests: answered with an error, or taken and then not answered at all.
ERRORS: Final = 3
SILENCES: Final = 2


class WebhookMirror:
    """Keeps what it hears; what it refuses, or takes without a word, it hears again."""

    def __init__(self, seed: int) -> None:
        self.inbox = Inbox()
        self.refused: Counter[str] = Counter()
        self._verifier: Webhook | None = None
        self._chance = random.Random(seed)
        self._is_rude = True
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = mirror.hear({k.lower(): v for k, v in self.headers.items()}, body)
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def trust(self, secret: str) -> None:
        """The secret that the subscription's maker was shown."""
        self._verifier = Webhook(secret)

    def be_polite(self) -> None:
        self._is_rude = False

    def be_rude(self) -> None:
        self._is_rude = True

    def hear(self, headers: dict[str, str], body: bytes) -> int | None:
        """The status to answer with; None for no answer."""
        luck = self._chance.randrange(100) if self._is_rude else 100
        if luck < ERRORS:
            self.refused["error"] += 1
            return 503
        try:
            assert self._verifier is not None, "nobody has subscribed yet"
            event: dict[str, Any] = self._verifier.verify(body, headers)
        except WebhookVerificationError as error:
            self.inbox.faults.append(f"a signature does not verify: {error}, {headers}")
            return 401
        self.inbox.take(headers["webhook-id"], event["type"], event["sequence"], event["data"])
        if luck < ERRORS + SILENCES:
            self.refused["silence"] += 1
            time.sleep(0.1)
            return None
        return 204

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiving_webhooks(seed: int) -> Iterator[WebhookMirror]:
    mirror = WebhookMirror(seed)
    try:
        yield mirror
    finally:
        mirror.close()
