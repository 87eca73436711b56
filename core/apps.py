from importlib import import_module

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        """Registers the checks; later than imports, which may come before the settings."""
        import_module("core.faults").connect()
