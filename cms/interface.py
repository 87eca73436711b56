"""The front door of `cms`."""

from cms.scheduled_publishing import publish_scheduled

__all__ = ["publish_scheduled"]
