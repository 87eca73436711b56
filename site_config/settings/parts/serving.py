"""The web server's processes: threads for Django, and the response cache before it."""

from site_config import env

# How many requests at a time Django answers in each process.
SERVING_THREADS = env.integer("GALLEY_THREADS", 2)
RESPONSE_CACHE_BYTES = env.integer("RESPONSE_CACHE_MB", 64) * 1_000_000
