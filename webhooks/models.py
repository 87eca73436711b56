"""Who is told of what, what is to be sent, and how each attempt went."""

from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.interface import new_uuid7, utc_now


class PausedReason(models.TextChoices):
    """Why nothing is sent although the subscription is active."""

    OWNER = "owner", _("paused by hand")
    FAILING = "failing", _("the endpoint failed for too long")
    GONE = "gone", _("the endpoint answered 410 Gone")


class Subscription(models.Model):
    """An endpoint, and which events it wants to hear of.

    Empty filters let everything pass. What an inactive one would have been told is not kept for
    it; what a paused one would have been told waits. `secret` and `previous_secret` are
    encrypted (`core.encryption`); the previous one signs too until it runs out.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid7, editable=False)
    name = models.CharField(_("name"), max_length=100)
    url = models.CharField(_("URL"), max_length=2048)
    event_types = models.JSONField(_("event types"), default=list)
    content_types = models.JSONField(_("content types"), default=list, blank=True)
    locales = models.JSONField(_("languages"), default=list, blank=True)
    site = models.PositiveIntegerField(_("website"), null=True, blank=True)
    # As the API's parameter of that name: `title,author(name)`; empty for the whole document.
    fields = models.CharField(_("fields"), max_length=1000, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="webhooks",
        verbose_name=_("owner"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_reason = models.CharField(
        max_length=8, choices=PausedReason.choices, blank=True, default="", editable=False
    )
    secret = models.TextField(editable=False)
    previous_secret = models.TextField(blank=True, default="", editable=False)
    previous_secret_until = models.DateTimeField(null=True, editable=False)
    # Only of ed25519 keys, which sign `v1a`: receivers verify with it. Empty for HMAC, `v1`.
    public_key = models.CharField(max_length=60, blank=True, default="", editable=False)
    # The head of the ledger when it began: what was before is sent only when it is replayed.
    since_sequence = models.PositiveBigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=utc_now, editable=False)
    updated_at = models.DateTimeField(default=utc_now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering: ClassVar[list[str]] = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class EndpointState(models.Model):
    """How an endpoint fares, and which sender has it in hand.

    Apart from the subscription, which people edit: this row changes with every batch.
    """

    subscription = models.OneToOneField(
        Subscription, on_delete=models.CASCADE, primary_key=True, related_name="endpoint"
    )
    lease_id = models.UUIDField(null=True, help_text="The sender that alone may send to it.")
    lease_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True, help_text="When its last turn began.")
    held_until = models.DateTimeField(null=True, help_text="Nothing is sent to it before.")
    failures_in_row = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True, default="")
    # The mail to the owner about a pause: due from here on; empty when there is none to send.
    notice_due_at = models.DateTimeField(null=True)
    notice_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        default_permissions = ()


class DeliveryStatus(models.TextChoices):
    """Where a delivery stands. Pending and sending are open, the others settled."""

    PENDING = "pending", _("waiting")
    SENDING = "sending", _("being sent")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("given up")
    DISCARDED = "discarded", _("discarded")


OPEN_DELIVERIES: Final = (DeliveryStatus.PENDING, DeliveryStatus.SENDING)


class BodyField(models.TextField):  # type: ignore[type-arg]
    """Long texts, each a value of its own when many rows are written at once.

    As an element of one array of texts, which Django makes otherwise, a body of 8 kB is escaped
    twice on its way, and costs more than all the rest of its row.
    """

    def get_placeholder(self, _value: object, _compiler: object, _connection: object) -> str:
        return "%s"

    def deconstruct(self) -> Any:
        """Of no interest to migrations."""
        name, _, arguments, named = super().deconstruct()
        return name, "django.db.models.TextField", arguments, named


class Delivery(models.Model):
    """One event for one subscription, with the body as it will be sent however often."""

    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    # Of the ledger's event; a test is of none.
    sequence = models.PositiveBigIntegerField(null=True)
    event_id = models.UUIDField()
    event_type = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    body = BodyField()
    status = models.CharField(
        max_length=9, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING
    )
    tries = models.PositiveSmallIntegerField(default=0, help_text="Since it was last made due.")
    next_try_at = models.DateTimeField(default=utc_now)
    created_at = models.DateTimeField(default=utc_now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subscription", "sequence"], name="webhooks_delivery_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Open ones are few among many that are settled.
            models.Index(
                fields=["subscription", "sequence"],
                condition=models.Q(status__in=["pending", "sending"]),
                name="webhooks_delivery_open",
            ),
            models.Index(
                fields=["subscription", "subject", "sequence"],
                condition=models.Q(status__in=["pending", "sending"]),
                name="webhooks_delivery_subject",
            ),
            models.Index(fields=["event_id"], name="webhooks_delivery_event"),
            models.Index(
                fields=["subscription", "next_try_at"],
                condition=models.Q(status="pending"),
                name="webhooks_delivery_due",
            ),
            models.Index(
                fields=["subscription"],
                condition=models.Q(status="failed"),
                name="webhooks_delivery_failed",
            ),
            models.Index(
                fields=["settled_at"],
                condition=models.Q(settled_at__isnull=False),
                name="webhooks_delivery_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.sequence} to {self.subscription_id}: {self.status}"


class Attempt(models.Model):
    """One request: when, how long, and what came back. The excerpt is for the owner alone."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True, default="")
    response_excerpt = models.TextField(blank=True, default="")

    class Meta:
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["pk"]


class TestCount(models.Model):
    """When a person, or somebody to a host, has lately sent tests, for the limit on them."""

    __test__ = False  # pytest takes every class of such a name for its own

    subject = models.CharField(primary_key=True, max_length=260)
    sent_at = models.JSONField(default=list, help_text="Unix times, oldest first; few.")
    last_sent_at = models.DateTimeField(default=utc_now, db_index=True)

    class Meta:
        default_permissions = ()
