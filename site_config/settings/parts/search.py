"""Visitors' search: which engine answers, and where it is."""

from site_config import env

# The tables of the database are always kept: they answer while another engine is away.
SEARCH_ENGINE = env.choice("SEARCH_ENGINE", ("database", "elasticsearch"), "database")
ELASTICSEARCH_URL = env.secret("ELASTICSEARCH_URL") if SEARCH_ENGINE == "elasticsearch" else ""
ELASTICSEARCH_API_KEY = env.secret("ELASTICSEARCH_API_KEY", "")
ELASTICSEARCH_CA_FILE = env.text("ELASTICSEARCH_CA_FILE", "")
# Before the names of its indexes, for a cluster that others use too.
SEARCH_INDEX_PREFIX = env.text("SEARCH_INDEX_PREFIX", "galley")
# How long a visitor waits for the engine before the database answers instead.
SEARCH_ENGINE_TIMEOUT_MS = env.integer("SEARCH_ENGINE_TIMEOUT_MS", 250)

# How often a process writes down what was searched for; 0 counts nothing.
SEARCH_COUNT_SECONDS = env.integer("SEARCH_COUNT_SECONDS", 5)
SEARCH_COUNT_RETENTION_DAYS = env.integer("SEARCH_COUNT_RETENTION_DAYS", 90)
