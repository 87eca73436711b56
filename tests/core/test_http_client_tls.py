import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import pytest

from core import http_client
from core.http_client import ConnectionFailed, send_request
from tests.core.test_http_client import _Handler, answering

SUBJECT = "subscriber.example"


class _QuietServer(HTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that refuses the certificate is what these tests are about."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for one name, in one file, made for this run."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        f" -keyout {key} -out {certificate} -subj /CN={SUBJECT} -addext subjectAltName=DNS:{SUBJECT}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    certificate.write_text(certificate.read_text() + key.read_text())
    return certificate


@pytest.fixture
def tls_port(certificate: Path, settings: Any) -> Iterator[int]:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    httpd = _QuietServer(("127.0.0.1", 0), _Handler)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield httpd.server_port
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    http_client._tls_context.cache_clear()
    yield
    http_client._tls_context.cache_clear()


def test_the_certificate_is_checked_against_the_name_not_the_pinned_address(
    tls_port: int, trusted: None
) -> None:
    answer = send_request(
        "GET", f"https://{SUBJECT}:{tls_port}/plain", resolve=answering("127.0.0.1")
    )

    assert answer.body == f"GET {SUBJECT}:{tls_port} None ".encode()


def test_a_certificate_for_another_name_is_refused(tls_port: int, trusted: None) -> None:
    with pytest.raises(ConnectionFailed, match="CERTIFICATE_VERIFY_FAILED"):
        send_request("GET", f"https://a.example:{tls_port}/", resolve=answering("127.0.0.1"))


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_port: int) -> None:
    with pytest.raises(ConnectionFailed, match="CERTIFICATE_VERIFY_FAILED"):
        send_request("GET", f"https://{SUBJECT}:{tls_port}/", resolve=answering("127.0.0.1"))
