"""Who may read `/metrics`, and what stands there."""

from site_config import env

METRICS = "site_config.metrics.COLLECTORS"
# Without it, only programs on the same machine may ask.
METRICS_TOKEN = env.secret("METRICS_TOKEN", "")
