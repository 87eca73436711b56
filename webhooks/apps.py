from importlib import import_module

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells of how far the sending of an event has got, which needs models."""
        import_module("webhooks.progress").connect()
