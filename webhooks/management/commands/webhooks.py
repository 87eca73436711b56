"""Looks at webhooks, tries them out, and sends again."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime

from core.interface import DomainError
from webhooks.actions.replay import Replay, replay_delivery, replay_range, replay_since
from webhooks.actions.send_test import send_test
from webhooks.models import Attempt, DeliveryStatus, Subscription
from webhooks.policy import Actor
from webhooks.selectors import Waiting, count_waiting, list_attempts, list_subscriptions

# Whoever has a shell here has the database: the command may do everything.
_EVERYBODY = Actor(user_id=UUID(int=0), manages_all=True)

_LOOK_SECONDS = 0.25
_LOOKS = 80


class Command(BaseCommand):
    help = "Webhooks: a list, their state as JSON, a test, and sending again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="One line for each webhook.")
        actions.add_parser("status", help="How each fares, as JSON.")
        test = actions.add_parser("send-test", help="Sends a signed webhook.test now.")
        test.add_argument("webhook", type=UUID, help="The webhook's id.")
        replay = actions.add_parser("replay", help="Makes deliveries due again.")
        replay.add_argument("webhook", type=UUID, help="The webhook's id.")
        which = replay.add_mutually_exclusive_group(required=True)
        which.add_argument("--delivery", type=int, help="One delivery, by its id.")
        which.add_argument("--from", type=int, dest="first", help="First sequence number.")
        which.add_argument("--since", type=_instant, help="Everything since 2026-11-01T00:00Z.")
        replay.add_argument("--to", type=int, dest="last", help="Last one, with --from.")

    def handle(self, *_args: Any, **options: Any) -> None:
        actions: dict[str, Callable[[dict[str, Any]], None]] = {
            "list": self._list,
            "status": self._status,
            "send-test": self._send_test,
            "replay": self._replay,
        }
        try:
            actions[options["action"]](options)
        except DomainError as error:
            raise CommandError(error.detail) from error

    def _list(self, _options: dict[str, Any]) -> None:
        for item in list_subscriptions(_EVERYBODY):
            types = ",".join(item.event_types)
            self.stdout.write(f"{item.pk}  {_state(item):8}  {item.name}  {item.url}  {types}")

    def _status(self, _options: dict[str, Any]) -> None:
        subscriptions = list(list_subscriptions(_EVERYBODY))
        waiting = count_waiting(item.pk for item in subscriptions)
        shown = [_describe(item, waiting.get(item.pk, Waiting())) for item in subscriptions]
        self.stdout.write(json.dumps(shown, indent=2, default=str))

    def _send_test(self, options: dict[str, Any]) -> None:
        delivery = send_test(actor=_EVERYBODY, subscription_id=options["webhook"])
        attempts: list[Attempt] = []
        for _ in range(_LOOKS):
            attempts = list_attempts(delivery)
            if attempts:
                break
            time.sleep(_LOOK_SECONDS)
        if not attempts:
            raise CommandError("No sender took the test. Does a relay run, or run_webhooks?")
        answer = attempts[-1].error or f"The endpoint answered {attempts[-1].status_code}."
        delivery.refresh_from_db()
        if delivery.status != DeliveryStatus.DELIVERED:
            raise CommandError(answer)
        self.stdout.write(f"{answer} It took {attempts[-1].duration_ms} ms.")

    def _replay(self, options: dict[str, Any]) -> None:
        which = {"actor": _EVERYBODY, "subscription_id": options["webhook"]}
        if options["delivery"] is not None:
            replay_delivery(**which, delivery_id=options["delivery"])
            done = Replay(1, None, None)
        elif options["since"] is not None:
            done = replay_since(**which, since=options["since"])
        elif options["last"] is None:
            raise CommandError("Say where it ends: --to.")
        else:
            done = replay_range(**which, first=options["first"], last=options["last"])
        self.stdout.write(f"{done.count} deliveries are due again.")


def _instant(text: str) -> datetime:
    found = parse_datetime(text)
    if found is None:
        raise ValueError(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _state(subscription: Subscription) -> str:
    if not subscription.is_active:
        return "inactive"
    return subscription.paused_reason if subscription.paused_at else "active"


def _describe(subscription: Subscription, waiting: Waiting) -> dict[str, Any]:
    endpoint = subscription.endpoint
    return {
        "id": subscription.pk,
        "name": subscription.name,
        "url": subscription.url,
        "state": _state(subscription),
        "waiting": waiting.waiting,
        "waiting_since": waiting.oldest_since,
        "given_up": waiting.failed,
        "failing_since": endpoint.failing_since,
        "held_until": endpoint.held_until,
        "last_success_at": endpoint.last_success_at,
        "last_error": endpoint.last_error,
    }
