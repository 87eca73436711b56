"""What the HTTP edge itself has to remember.

Keys of requests stand here and not in a package of the product's words: they hold answers as
HTTP (status, headers, bytes), which only this layer knows, and are the same for every resource.
"""

from typing import ClassVar

from django.db import models

from core.interface import new_uuid7, utc_now


class IdempotencyKey(models.Model):
    """A request that its caller may repeat, and what was answered.

    While `status` is empty the request is under way, in the hands of `attempt`. The body is
    encrypted (`core.encryption`): the answer to a creation may hold a secret that is shown once.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid7, editable=False)
    principal = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    attempt = models.UUIDField()
    started_at = models.DateTimeField(default=utc_now, db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["principal", "key"], name="api_idempotency_key_once")
        ]
