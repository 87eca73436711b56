"""Django for public reads alone: without what only matters where somebody is known."""

from typing import Any, Final

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.urls import set_script_prefix
from django.utils.module_loading import import_string

from delivery.interface import Fetched
from site_config.serving.exchange import Request, wsgi_environ

_FIRST_SERVER_ERROR: Final = 500


class PublicReads(BaseHandler):
    """Answers a GET that carries nothing of its caller, in the thread that calls.

    The whole of `MIDDLEWARE` and the signals around each request took a fifth of the CPU of a
    document. A connection that was lost is opened anew by whoever reads (`delivery.reading`);
    here one that brought an error is looked after.
    """

    def __init__(self) -> None:
        super().__init__()
        self._view_middleware: list[object] = []
        self._template_response_middleware: list[object] = []
        self._exception_middleware: list[object] = []
        # What the settings' middleware is wrapped around too: the view, found and called.
        handler: Any = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        for layer in reversed(settings.PUBLIC_MIDDLEWARE):
            handler = convert_exception_to_response(import_string(layer)(handler))
        self._middleware_chain = handler

    def fetch(self, request: Request) -> Fetched:
        """The whole answer; an error is an answer too."""
        set_script_prefix("/")
        response = self.get_response(WSGIRequest(wsgi_environ(request)))
        body = b"".join(response)
        if response.streaming:
            response.close()
        if response.status_code >= _FIRST_SERVER_ERROR:
            close_old_connections()
        headers = [(name.lower(), value) for name, value in response.items()]
        headers += [("set-cookie", item.OutputString()) for item in response.cookies.values()]
        return Fetched(response.status_code, headers, body)
