"""Which subscriptions want to hear of an event."""

from outbox.interface import Announcement
from webhooks.models import Subscription
from webhooks.wanting import covers

_OF_DOCUMENTS = ("content.", "media.")


def wants(subscription: Subscription, announcement: Announcement) -> bool:
    """Whether the subscription's types and filters let the event pass.

    Content type and language narrow the events of documents alone: a website has neither. What
    belongs to every language, such as an image, passes each choice of languages.
    """
    data = announcement.data
    if not covers(subscription.event_types, announcement.type):
        return False
    if subscription.site is not None and data.get("site_id") != subscription.site:
        return False
    if not announcement.type.startswith(_OF_DOCUMENTS):
        return True
    if subscription.content_types and data["type"] not in subscription.content_types:
        return False
    locale = data["locale"]
    return not (subscription.locales and locale and locale not in subscription.locales)
