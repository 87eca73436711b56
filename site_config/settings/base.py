"""Settings that hold everywhere; what differs stands in `development`, `test` and `production`."""

from pathlib import Path

from site_config import env
from site_config.settings.parts.cdn import *  # noqa: F403
from site_config.settings.parts.celery import *  # noqa: F403
from site_config.settings.parts.database import database_settings
from site_config.settings.parts.mail import *  # noqa: F403
from site_config.settings.parts.metrics import *  # noqa: F403
from site_config.settings.parts.search import *  # noqa: F403
from site_config.settings.parts.serving import *  # noqa: F403
from site_config.settings.parts.storage import s3_settings, storage_settings
from site_config.settings.parts.wagtail import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(env.text("GALLEY_VAR", str(BASE_DIR / "var")))

ROLES = ("all", "admin", "api", "worker", "scheduler", "relay")
ROLE = env.choice("GALLEY_ROLE", ROLES, "all")
SERVES_ADMIN = ROLE in {"all", "admin"}

INSTALLED_APPS = [
    "core",
    "outbox",
    "delivery",
    "accounts",
    "media",
    "cms",
    "webhooks",
    "search",
    "api",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "cms.admin.apps.PeopleConfig",  # wagtail.users, with our forms and rules
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.api.v3",
    "wagtail.admin",
    "wagtail.locales",
    "wagtail",
    "modelcluster",
    "taggit",
    "ninja",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

# What the response cache asks for carries nothing of its caller, and needs no more than this.
PUBLIC_MIDDLEWARE = [
    "api.measuring.MeasureMiddleware",
    "api.middleware.EdgeMiddleware",
    "django.middleware.security.SecurityMiddleware",
]
# The public API needs none of the editor's machinery: no session, no cookie, no CSRF.
API_MIDDLEWARE = [*PUBLIC_MIDDLEWARE, "whitenoise.middleware.WhiteNoiseMiddleware"]
MIDDLEWARE = (
    [
        *API_MIDDLEWARE,
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "cms.admin.response_headers.AdminHeadersMiddleware",
    ]
    if SERVES_ADMIN
    else API_MIDDLEWARE
)

ROOT_URLCONF = "site_config.urls"
WSGI_APPLICATION = "site_config.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    }
]

# Where processes fail on purpose (`core.faults`); the tests and development alone allow it.
FAULTS = env.text("GALLEY_FAULTS", "")
FAULTS_ARE_ALLOWED = False

# For how many days `as_of` can look back; 0 for ever.
LEDGER_RETENTION_DAYS = env.integer("LEDGER_RETENTION_DAYS", 0)
VERSION_RETENTION_DAYS = env.integer("VERSION_RETENTION_DAYS", 0)

# For secrets in the database, such as those of webhooks: the first one encrypts, all of them read.
FIELD_ENCRYPTION_KEYS = env.secret_items("FIELD_ENCRYPTION_KEYS", [])

# For how many days deliveries of webhooks and their attempts are kept once they are settled.
WEBHOOK_RETENTION_DAYS = env.integer("WEBHOOK_RETENTION_DAYS", 30)

# Where the public API is reached, if not on the admin's own host.
API_BASE_URL = env.text("GALLEY_API_URL", "").rstrip("/")
# How many proxies of ours stand in front; each adds one address to X-Forwarded-For.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0)

# The API opens a lost connection anew by itself, and saves itself a query for each request.
DATABASES = {"default": database_settings(VAR_DIR, is_for_api=ROLE == "api")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2Hasher"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

MEDIA_S3 = s3_settings()
STORAGES = storage_settings(VAR_DIR, MEDIA_S3)
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# What other programs are told: who says it, and where its schemas are.
EVENT_SCHEMAS_URL = API_BASE_URL or WAGTAILADMIN_BASE_URL.rstrip("/")
EVENT_SOURCE = env.text("EVENT_SOURCE", EVENT_SCHEMAS_URL)
OUTBOX_PIPELINE = "site_config.pipeline.PIPELINE"
OUTBOX_COMPANIONS = ["webhooks.interface.run_sender", "outbox.interface.declare_exchange"]
OUTBOX_COMMIT_HINT = "site_config.purging.announce"
OUTBOX_CELERY_APP = "site_config.celery.app"
SCHEDULE = "site_config.schedule.SCHEDULE"
