"""Wagtail's settings."""

import zoneinfo

from site_config import env

WAGTAIL_SITE_NAME = "Galley"
WAGTAIL_ENABLE_UPDATE_CHECK = False  # an editor's browser asks no third party
WAGTAILADMIN_BASE_URL = env.text("GALLEY_ADMIN_URL", "http://127.0.0.1:8000")
WAGTAIL_I18N_ENABLED = True
WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("fr", "Français")]
WAGTAILSIMPLETRANSLATION_SYNC_PAGE_TREE = False

WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

WAGTAILIMAGES_IMAGE_MODEL = "media.CustomImage"
WAGTAILIMAGES_RENDITION_STORAGE = "renditions"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILIMAGES_IMAGE_FORM_BASE = "media.forms.ImageForm"

WAGTAILDOCS_DOCUMENT_MODEL = "media.CustomDocument"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "media.forms.DocumentForm"
WAGTAILDOCS_MAX_UPLOAD_SIZE = 50 * 1024 * 1024
# Whoever may post anything at all may make the server keep its body: not more than a document.
FILE_UPLOAD_HANDLERS = [
    "media.upload_limit.UploadLimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# Python's own table differs from one machine to the next. One entry for each type that is taken.
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
WAGTAILDOCS_CONTENT_TYPES = {
    "csv": "text/csv",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "epub": "application/epub+zip",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "md": "text/markdown",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "odp": f"{_OPEN_DOCUMENT}.presentation",
    "ods": f"{_OPEN_DOCUMENT}.spreadsheet",
    "odt": f"{_OPEN_DOCUMENT}.text",
    "pdf": "application/pdf",
    "png": "image/png",
    "pptx": f"{_OFFICE}.presentationml.presentation",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "webp": "image/webp",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "zip": "application/zip",
}
# Nothing that an editor uploads is shown by our own address; it is saved to the visitor's disk.
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []

# Redirects are written in the publishing transaction (cms.publishing), not after the commit.
WAGTAILREDIRECTS_AUTO_CREATE = False
# A page behind a password that all share would be neither public nor private.
WAGTAIL_PRIVATE_PAGE_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAILDOCS_PRIVATE_COLLECTION_OPTIONS = {"SHARED_PASSWORD": False}
# Avatars by e-mail hash would tell a third party who edits here.
WAGTAIL_GRAVATAR_PROVIDER_URL = None

# "localtime" is a zone of some servers that no browser knows.
WAGTAIL_USER_TIME_ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})

# Editors sign in by password here; single sign-on and a second factor will replace it.
# A forgotten password is set anew by an administrator: no mail opens an account.
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAILADMIN_RECENT_EDITS_LIMIT = 8
# Autosaves of one sitting overwrite one revision and stand as one line in the history.
WAGTAIL_AUTOSAVE_INTERVAL = 2000
# Wagtail's own management API, for scripts of trusted writers (cms.admin.manage_api_urls).
WAGTAILAPI_DOCS_ENABLED = True
WAGTAILAPI_LIMIT_MAX = 100
