from importlib import import_module

from django.apps import AppConfig


class CMSConfig(AppConfig):
    name = "cms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers the document types, the checks and the handlers, all of which need models."""
        for module in ("document_types", "checks", "signal_handlers", "credentials", "future"):
            import_module(f"cms.{module}").connect()
