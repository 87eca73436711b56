"""The product's production settings with Wagtail's own APIs in place of ours."""

from site_config.settings.production import *  # noqa: F403

# Ours stands first: version 3 reads the declared fields when it is made ready.
INSTALLED_APPS = [
    "bench.reference",
    *INSTALLED_APPS,  # noqa: F405
    "wagtail.api.v2",
    "rest_framework",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "bench.reference.urls"
WSGI_APPLICATION = "bench.reference.wsgi.application"
# Anonymous callers are all that the two are measured with.
WAGTAILAPI_LIMIT_MAX = 100
