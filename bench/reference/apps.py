"""Gives the product's pages the fields of Wagtail's own APIs, for comparison alone."""

from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    name = "bench.reference"
    label = "bench_reference"

    def ready(self) -> None:
        """Declares `api_fields`, before Wagtail's APIs build their schemas from them."""
        from bench.reference.fields import declare_api_fields  # noqa: PLC0415 — needs the models

        declare_api_fields()
