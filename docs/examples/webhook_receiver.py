"""A receiver of Galley's webhooks, in one file: python webhook_receiver.py whsec_… [port]."""

import base64
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Mapping
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

TOLERANCE_SECONDS = 300


def verify(secret: str, headers: Mapping[str, str] | Message, body: bytes) -> dict[str, Any]:
    """The event, if the request is Galley's and fresh; ValueError if it is not."""
    try:
        sent_at = int(headers["webhook-timestamp"])
        signed = f"{headers['webhook-id']}.{sent_at}.".encode() + body
        given = headers["webhook-signature"].split(" ")
    except (KeyError, TypeError, AttributeError):
        raise ValueError("A header is missing.") from None
    if abs(time.time() - sent_at) > TOLERANCE_SECONDS:
        raise ValueError("The request is too old.")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    # During a rotation there are two; one that fits is enough.
    if not any(hmac.compare_digest(expected.encode(), item.encode()) for item in given):
        raise ValueError("The signature does not fit.")
    event: dict[str, Any] = json.loads(body)
    return event


class Receiver(BaseHTTPRequestHandler):
    """Answers at once; a real one would put the event into a queue of its own first."""

    secret = ""
    # A real one keeps them in its database, for a few days.
    seen: set[str] = set()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = verify(self.secret, self.headers, body)
        except ValueError as error:
            self.send_error(400, str(error))
            return
        self.send_response(204)
        self.end_headers()
        if self.headers["webhook-id"] not in self.seen:
            self.seen.add(self.headers["webhook-id"])
            print(event["type"], event["data"].get("path"), event["data"].get("title"), flush=True)


if __name__ == "__main__":
    Receiver.secret = sys.argv[1]
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 9000  # noqa: PLR2004
    HTTPServer(("127.0.0.1", port), Receiver).serve_forever()
