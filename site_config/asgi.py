"""The ASGI entry point, for servers other than granian: the same answers, at a little more cost."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings.production")
django.setup()

from site_config.serving.asgi import AsgiApplication  # noqa: E402 — needs the settings

application = AsgiApplication()
