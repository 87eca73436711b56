"""The web server's processes: threads for Django, and the response cache before it."""

from site_config import env

# How many requests at a time Django answers in each process.
SERVING_THREADS = env.integer("GALLEY_THREADS", 2)
RESPONSE_CACHE_BYTES = env.integer("RESPONSE_CACHE_MB", 64) * 1_000_000

# What processes share: stored answers, and word of purges.
REDIS_URL = env.secret("REDIS_URL", "")
REDIS_PREFIX = env.text("REDIS_PREFIX", "galley")
REDIS_RESPONSE_CACHE_BYTES = env.integer("REDIS_RESPONSE_CACHE_MB", 128) * 1_000_000
