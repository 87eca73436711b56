"""The product's Celery application, on a broker inside the test's process."""

from site_config.celery import app

app.conf.broker_url = "memory://"

__all__ = ["app"]
