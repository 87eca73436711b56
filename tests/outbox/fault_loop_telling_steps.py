"""The product's own step that tells the world: of the exchange where there is a broker."""

from dataclasses import replace

from django.conf import settings

from outbox.interface import Pipeline
from site_config.pipeline import ANNOUNCE_TO_EXCHANGE, SEND_WEBHOOKS

_STEP = ANNOUNCE_TO_EXCHANGE if settings.CELERY_BROKER_URL else SEND_WEBHOOKS
PIPELINE = Pipeline({"content.published": (replace(_STEP, needs=()),)})
