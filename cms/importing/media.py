"""The bytes of a source's images and files: from its folder, from a folder of copies, or fetched.

Nothing here raises for what a source or a server does: an answer without bytes carries a note for
the report. What the bytes are, and whether they may be kept, is `media_files.py`'s question.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from cms.importing.content import Change, Note
from cms.importing.media_folder import MediaFolder
from core.interface import (
    AddressRefused,
    InvalidUrl,
    OutboundAnswer,
    OutboundError,
    OutboundLimits,
    send_request,
)

MAX_REDIRECTS: Final = 3
MAX_HOST_FAILURES: Final = 3
"""In a row; then the host is left alone for the rest of the run."""

_CONNECT_SECONDS: Final = 5.0
_DEADLINE_SECONDS: Final = 30.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Obtained:
    """Bytes and the name that they had, or a note that says why there are none."""

    data: bytes | None
    filename: str
    note: Note | None = None


class MediaFinder:
    """Finds bytes for one run, and remembers which hosts do not answer.

    `media_dir` is looked through first; `fetches` says whether servers are asked. Private
    addresses are reached only where `OUTBOUND_ALLOWED_NETWORKS` names them.
    """

    def __init__(self, *, media_dir: Path | None = None, fetches: bool = True) -> None:
        self._folder = MediaFolder(media_dir) if media_dir else None
        self._fetches = fetches
        self._failures: Counter[str] = Counter()

    def obtain(self, details: Mapping[str, Any]) -> Obtained:
        """The bytes of an IMAGE or FILE item, by its `details`: `path`, else `urls` in turn.

        Takes at most half a minute for a URL, and as much memory as the largest upload.
        """
        urls = [url for url in details.get("urls") or () if isinstance(url, str)]
        path = details.get("path")
        filename = _filename(details, urls)
        if path:
            return _read(Path(path), filename)
        if self._folder is not None:
            for name in [*(unquote(_path_of(url)) for url in urls), filename]:
                if found := self._folder.find(name):
                    return _read(found, filename)
        note = _missing("media-address-unknown", f"Nothing says where {filename} could be had.")
        for url in urls:
            obtained = self._fetch(url, filename)
            if obtained.data is not None or obtained.note is None:
                return obtained
            note = obtained.note
        return Obtained(None, filename, note)

    def _fetch(self, url: str, filename: str) -> Obtained:
        if not self._fetches:
            note = _missing("media-not-asked", f"{url} was not fetched, as no server was asked.")
            return Obtained(None, filename, note)
        host = _host_of(url)
        if self._failures[host] >= MAX_HOST_FAILURES:
            message = f"{host} did not answer {MAX_HOST_FAILURES} times and was not asked again."
            return Obtained(None, filename, _missing("media-host-silent", message, url))
        try:
            answer = _follow(url)
        except (InvalidUrl, AddressRefused) as problem:
            return Obtained(None, filename, _missing("media-refused", f"{url}: {problem}"))
        except OutboundError as problem:
            self._failures[host] += 1
            return Obtained(None, filename, _missing("media-unreachable", f"{url}: {problem}"))
        self._failures[host] = 0
        return _judge(answer, url, filename)


def _follow(url: str) -> OutboundAnswer:
    """The answer behind up to three redirects; each address on the way is checked anew."""
    for _ in range(MAX_REDIRECTS + 1):
        answer = _get(url)
        target = answer.headers.get("location", "")
        if answer.status not in _REDIRECTS or not target:
            return answer
        try:
            url = urljoin(url, target)
        except ValueError as problem:
            raise InvalidUrl(f"It redirects to {target}: {problem}.") from problem
    raise InvalidUrl(f"It redirects more than {MAX_REDIRECTS} times.")


def _get(url: str) -> OutboundAnswer:
    """Asks a public host by https where the export says http: most have moved since."""
    limits = OutboundLimits(
        connect_seconds=_CONNECT_SECONDS,
        deadline_seconds=_DEADLINE_SECONDS,
        max_body_bytes=_max_bytes(),
    )
    try:
        return send_request("GET", url, limits=limits)
    except InvalidUrl:
        secure = _secure_twin(url)
        if not secure:
            raise
        return send_request("GET", secure, limits=limits)


def _secure_twin(url: str) -> str:
    """The same address by https; empty where it is no plain address of http."""
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme == "http" and parts.port in {None, 80}
    except ValueError:
        return ""
    host = parts.netloc.removesuffix(":80")
    return parts._replace(scheme="https", netloc=host).geturl() if is_plain else ""


def _judge(answer: OutboundAnswer, url: str, filename: str) -> Obtained:
    if answer.is_truncated:
        limit = filesizeformat(_max_bytes())
        return Obtained(None, filename, _missing("media-too-large", f"{url}: more than {limit}."))
    if not answer.is_success:
        message = f"{url}: the server answered {answer.status}."
        if answer.status == _TOO_MANY_REQUESTS or answer.status >= _SERVER_ERROR:
            return Obtained(None, filename, _missing("media-server-error", message))
        return Obtained(None, filename, _missing("media-not-there", message))
    if not answer.body:
        return Obtained(None, filename, _missing("media-empty", f"{url}: the answer was empty."))
    return Obtained(answer.body, filename)


def _read(path: Path, filename: str) -> Obtained:
    name = filename or path.name
    try:
        if not path.is_file():
            return Obtained(None, name, _missing("media-not-there", f"{path.name} is not a file."))
        if path.stat().st_size > _max_bytes():
            message = f"{path.name}: more than {filesizeformat(_max_bytes())}."
            return Obtained(None, name, _missing("media-too-large", message))
        data = path.read_bytes()
    except OSError as problem:
        message = f"{path.name} cannot be read: {problem.strerror}."
        return Obtained(None, name, _missing("media-unreadable", message))
    if not data:
        return Obtained(None, name, _missing("media-empty", f"{path.name} is empty."))
    return Obtained(data, name)


def _filename(details: Mapping[str, Any], urls: Sequence[str]) -> str:
    """The name by which a person knows the file."""
    named = str(details.get("filename") or "")
    if named:
        return PurePosixPath(named.replace("\\", "/")).name or "file"
    if details.get("path"):
        return Path(details["path"]).name
    for url in urls:
        if name := PurePosixPath(unquote(_path_of(url)).replace("\\", "/")).name:
            return name
    return "file"


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def _max_bytes() -> int:
    return max(settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE, settings.WAGTAILDOCS_MAX_UPLOAD_SIZE)


def _missing(code: str, message: str, where: str = "") -> Note:
    return Note(Change.MISSING, code, message, where)
