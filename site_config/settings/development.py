"""For a developer's machine and the demo: embedded defaults, no service needed."""

from site_config import env
from site_config.settings.base import *  # noqa: F403
from site_config.settings.parts.logging import logging_settings

DEBUG = env.boolean("GALLEY_DEBUG", False)
FAULTS_ARE_ALLOWED = True
SECRET_KEY = env.secret("SECRET_KEY", "development-only-" + "0" * 40)
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
WHITENOISE_USE_FINDERS = True

LOGGING = logging_settings("plain")
