"""From a publication to the receiver, through the pipeline, the sender and real HTTP."""

import pytest
from standardwebhooks import Webhook

from outbox.relay import Relay
from tests.factories.documents import Library
from tests.webhooks.receiver import Receiver
from webhooks.interface import Actor, Attempt, Delivery, DeliveryStatus, create_subscription
from webhooks.sender import Sender

pytestmark = pytest.mark.django_db(transaction=True)


def send_all() -> None:
    """Runs the pipeline and the sender until nothing is due."""
    Relay().drain()
    Sender().drain()


def test_a_publication_reaches_the_receiver_signed(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    made = create_subscription(
        actor=actor, name="Mirror", url=receiver.url, event_types=["content.*"]
    )
    tag = library.tag("x")
    post = library.post("hello", tags=[tag])
    library.save()

    send_all()

    told = {item.content["data"]["id"]: item for item in receiver.received}
    assert set(told) == {str(tag), str(post)}
    request = told[str(post)]
    assert Webhook(made.secret).verify(request.body, request.headers) == request.content
    assert request.content["type"] == "content.published"
    assert request.content["data"]["type"] == "blog-posts"
    assert request.content["data"]["document"]["title"] == request.content["data"]["title"]
    assert [item["title"] for item in request.content["data"]["document"]["tags"]] == ["Tag x"]
    assert request.headers["content-type"] == "application/json"
    [delivery] = Delivery.objects.filter(subject=str(post))
    assert (delivery.status, delivery.tries) == (DeliveryStatus.DELIVERED, 1)
    assert request.id == str(delivery.event_id)
    [attempt] = Attempt.objects.filter(delivery=delivery)
    assert (attempt.status_code, attempt.error) == (204, "")
