"""For the tests: as in production where it matters, quick where it does not."""

import tempfile
from pathlib import Path

from site_config.settings.base import *  # noqa: F403
from site_config.settings.parts.storage import storage_settings

DEBUG = False
FAULTS_ARE_ALLOWED = True
SECRET_KEY = "tests-only-" + "0" * 50
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", ".example.com"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True  # no collected files are needed, nor looked for at the start

# No thread writes beside a test, but where it wants one.
SEARCH_COUNT_SECONDS = 0

# Each test process keeps its files in a folder of its own, which goes when the process ends.
_FILES = tempfile.TemporaryDirectory(prefix="galley-tests-")
VAR_DIR = Path(_FILES.name)
MEDIA_S3 = None
STORAGES = storage_settings(VAR_DIR, None)
