"""What is there before the first fault: a website, and a webhook if there is a receiver.

python -m tests.journeys.nothing_lost preparing [URL]

Prints the webhook's secret. It is made first, so that it hears of everything.
"""

import sys

from accounts.interface import User
from tests.factories.cms import Website, make_image
from webhooks.interface import actor_of, create_subscription


def main(url: str = "") -> None:
    if url:
        owner = User.objects.create_superuser("owner@example.com", "owner-only-1-2-3", name="Owner")
        made = create_subscription(actor=actor_of(owner), name="Mirror", url=url, event_types=["*"])
        sys.stdout.write(made.secret)
    website = Website()
    profile = website.profile(photo=make_image())
    for number in range(12):
        website.post(f"Post {number}", authors=[profile], tags=["a", "b"])
