"""The one login: Wagtail's page, with a limit on wrong passwords."""

import math
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from wagtail.admin.views.account import LoginView

from accounts.interface import (
    DEVICE_COOKIE,
    DEVICE_COOKIE_SECONDS,
    LoginAttempt,
    forget_login_failures,
    login_refused_until,
    make_device_cookie,
    record_login_failure,
)
from core.interface import client_address, new_uuid7, utc_now

_TOO_MANY_REQUESTS = 429


class ThrottledLoginView(LoginView):
    """Refuses further tries for a while after too many wrong passwords, and says until when.

    The answer is the same whether or not the account exists.
    """

    # The count and the check must see each other, also where requests are not atomic.
    @method_decorator(transaction.atomic)
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Asks the limit first: while it holds, the password is not even looked at."""
        until = login_refused_until(self._attempt())
        if until is None:
            return super().post(request, *args, **kwargs)
        return self._refusal(until)

    def form_valid(self, form: Any) -> HttpResponse:
        """Signs in, forgets the failures and marks the browser as one that knows the account."""
        attempt = self._attempt()
        response: HttpResponse = super().form_valid(form)
        forget_login_failures(attempt)
        response.set_cookie(
            DEVICE_COOKIE,
            make_device_cookie(email=attempt.email, device=new_uuid7().hex),
            max_age=DEVICE_COOKIE_SECONDS,
            path=self.request.path,
            secure=self.request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """Counts the try if it was one: an empty field guesses nothing."""
        if form.data.get("username") and form.data.get("password"):
            record_login_failure(self._attempt())
        return super().form_invalid(form)

    def _attempt(self) -> LoginAttempt:
        request = self.request
        return LoginAttempt(
            email=request.POST.get("username", ""),
            address=client_address(request.META, trusted_proxies=settings.TRUSTED_PROXIES),
            device_cookie=request.COOKIES.get(DEVICE_COOKIE, ""),
        )

    def _refusal(self, until: datetime) -> HttpResponse:
        seconds = max(1, math.ceil((until - utc_now()).total_seconds()))
        form = self.get_form_class()(self.request)
        form.initial["username"] = self.request.POST.get("username", "")[:254]
        context = self.get_context_data(form=form)
        context["refusal"] = _(
            "Too many wrong passwords. Try again in %(minutes)d minutes (after %(time)s UTC)."
        ) % {"minutes": math.ceil(seconds / 60), "time": until.strftime("%H:%M:%S")}
        response: HttpResponse = self.render_to_response(context, status=_TOO_MANY_REQUESTS)
        response["Retry-After"] = str(seconds)
        return response
