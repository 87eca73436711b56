"""The cache in front of the site, and where requests from here may go."""

from typing import Any

from site_config import env

# Networks inside which the outbound client may call plain http and any port, in CIDR form:
# a cache or a receiver on the operator's own network. Nothing private is reachable without it.
OUTBOUND_ALLOWED_NETWORKS = env.items("OUTBOUND_ALLOWED_NETWORKS", [])
OUTBOUND_PUBLIC_PORTS = frozenset({443, 8443})


def cdn_settings() -> dict[str, Any]:
    """The adapter that `CDN_BACKEND` names with its options; what it needs must be set."""
    match env.choice("CDN_BACKEND", ("none", "surrogate-key", "fastly"), "none"):
        case "surrogate-key":
            return {
                "BACKEND": "core.cdn.surrogate_key.SurrogateKeyCdn",
                "OPTIONS": {
                    "urls": env.items("CDN_PURGE_URLS"),
                    "header": env.text("CDN_PURGE_HEADER", "Surrogate-Key"),
                    "token": env.secret("CDN_PURGE_TOKEN", ""),
                    "signing_key": env.secret("CDN_PURGE_SIGNING_KEY", ""),
                },
            }
        case "fastly":
            return {
                "BACKEND": "core.cdn.fastly.FastlyCdn",
                "OPTIONS": {
                    "service_id": env.text("CDN_FASTLY_SERVICE_ID"),
                    "token": env.secret("CDN_FASTLY_TOKEN"),
                },
            }
        case _:
            return {"BACKEND": "core.cdn.null.NullCdn", "OPTIONS": {}}


CDN = cdn_settings()
