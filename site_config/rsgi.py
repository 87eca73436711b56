"""The RSGI entry point: what `bin/serve` runs."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings.production")
django.setup()

from site_config.serving.rsgi import RsgiApplication  # noqa: E402 — needs the settings

application = RsgiApplication()
