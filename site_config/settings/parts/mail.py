"""Mail: to editors about their workflows, to owners of webhooks about pauses."""

from site_config import env

EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
_SECURITY = env.choice("EMAIL_SECURITY", ("none", "starttls", "tls"), "none")
EMAIL_USE_TLS = _SECURITY == "starttls"
EMAIL_USE_SSL = _SECURITY == "tls"
EMAIL_PORT = env.integer("EMAIL_PORT", {"none": 25, "starttls": 587, "tls": 465}[_SECURITY])
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD", "")
# A server that hangs must not hold an editor's request or the schedule for longer.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "galley@localhost")
