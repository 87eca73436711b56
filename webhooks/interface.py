"""The front door of `webhooks`."""

from webhooks.actions.create_subscription import WithSecret, create_subscription
from webhooks.actions.pause_subscription import pause_subscription, resume_subscription
from webhooks.actions.replay import Replay, replay_delivery, replay_range, replay_since
from webhooks.actions.rotate_secret import DEFAULT_OVERLAP, rotate_secret
from webhooks.actions.send_test import TEST_EVENT, forget_test_counts, send_test
from webhooks.actions.update_subscription import (
    SubscriptionChanges,
    delete_subscription,
    update_subscription,
)
from webhooks.cleanup import remove_old_deliveries
from webhooks.errors import NoSuchDelivery, NoSuchSubscription, VersionMismatch
from webhooks.fan_out import send_webhooks, send_webhooks_many
from webhooks.listing import Page, delivery_page, subscription_page
from webhooks.measures import webhook_families
from webhooks.models import (
    Attempt,
    Delivery,
    DeliveryStatus,
    EndpointState,
    PausedReason,
    Subscription,
)
from webhooks.notices import send_due_notices
from webhooks.policy import Actor, actor_of
from webhooks.previewing import Preview, preview_new, preview_subscription
from webhooks.secrets import SCHEMES, Scheme
from webhooks.selectors import (
    Waiting,
    count_waiting,
    get_delivery,
    get_subscription,
    list_attempts,
    list_subscriptions,
)
from webhooks.sender import run_sender
from webhooks.sending import Meaning, Outcome

__all__ = [
    "DEFAULT_OVERLAP",
    "SCHEMES",
    "TEST_EVENT",
    "Actor",
    "Attempt",
    "Delivery",
    "DeliveryStatus",
    "EndpointState",
    "Meaning",
    "NoSuchDelivery",
    "NoSuchSubscription",
    "Outcome",
    "Page",
    "PausedReason",
    "Preview",
    "Replay",
    "Scheme",
    "Subscription",
    "SubscriptionChanges",
    "VersionMismatch",
    "Waiting",
    "WithSecret",
    "actor_of",
    "count_waiting",
    "create_subscription",
    "delete_subscription",
    "delivery_page",
    "forget_test_counts",
    "get_delivery",
    "get_subscription",
    "list_attempts",
    "list_subscriptions",
    "pause_subscription",
    "preview_new",
    "preview_subscription",
    "remove_old_deliveries",
    "replay_delivery",
    "replay_range",
    "replay_since",
    "resume_subscription",
    "rotate_secret",
    "run_sender",
    "send_due_notices",
    "send_test",
    "send_webhooks",
    "send_webhooks_many",
    "subscription_page",
    "update_subscription",
    "webhook_families",
]
