"""What goes in and out under /webhooks."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.v1.shapes import Body

Name = Annotated[str, Field(min_length=1, max_length=100, description="For people.")]
Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2048,
        description="Where deliveries are posted: https, and a host that is public.",
        examples=["https://www.example.com/hooks/galley"],
    ),
]
EventTypes = Annotated[
    list[str],
    Field(
        min_length=1,
        max_length=100,
        description="Types of events; `*` for all, `content.*` for all that begin so.",
        examples=[["content.*"]],
    ),
]
ContentTypes = Annotated[
    list[str],
    Field(
        max_length=100,
        description="Only events about these types of documents; all without it.",
        examples=[["blog-posts"]],
    ),
]
Locales = Annotated[
    list[str],
    Field(
        max_length=100,
        description="Only events about documents in these languages; all without it.",
        examples=[["en"]],
    ),
]
SiteNumber = Annotated[
    int | None, Field(description="Only events of this website; null for all.", examples=[None])
]
Fields = Annotated[
    str,
    Field(
        max_length=1000,
        description="Which fields of the document to send, as the parameter `fields` has them; "
        "empty for the whole document.",
        examples=["title,author(name)"],
    ),
]
IsActive = Annotated[
    bool,
    Field(description="An inactive one hears of nothing, and nothing is kept for it."),
]
Scheme = Annotated[
    Literal["v1", "v1a"],
    Field(description="How deliveries are signed: HMAC (`v1`), or ed25519 (`v1a`)."),
]


class WebhookCreation(Body):
    """A webhook to be."""

    name: Name
    url: Url
    event_types: EventTypes
    content_types: ContentTypes = []
    locales: Locales = []
    site: SiteNumber = None
    fields: Fields = ""
    is_active: IsActive = True
    scheme: Scheme = "v1"


class WebhookChanges(Body):
    """What is to be different; what is left out stays."""

    name: Name = ""
    url: Url = ""
    event_types: EventTypes = []
    content_types: ContentTypes = []
    locales: Locales = []
    site: SiteNumber = None
    fields: Fields = ""
    is_active: IsActive = True


class SecretRotation(Body):
    """How to change the secret."""

    scheme: Annotated[
        Literal["v1", "v1a"] | None, Field(description="As the former one without it.")
    ] = None
    overlap_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=30 * 24 * 3600,
            description="For how long the former secret signs too.",
        ),
    ] = 24 * 3600


class Resumption(Body):
    """How to go on."""

    discard_waiting: Annotated[
        bool, Field(description="Throws away what has waited, instead of sending it.")
    ] = False


class DryRun(Body):
    """What to try."""

    events: Annotated[
        int, Field(ge=1, le=200, description="How many of the latest events to look at.")
    ] = 20
    changes: Annotated[
        WebhookChanges | None, Field(description="As if the webhook had been changed so.")
    ] = None


class Replaying(Body):
    """What to send again: since a time, or from one sequence number to another."""

    since: Annotated[
        str | None,
        Field(max_length=40, description="An instant (RFC 3339).", examples=["2026-11-01T00:00Z"]),
    ] = None
    first: Annotated[int | None, Field(ge=1, description="The first sequence number.")] = None
    last: Annotated[int | None, Field(ge=1, description="The last one, included.")] = None


def given_members(body: Body) -> dict[str, Any]:
    """The members that the caller sent, without those that have their defaults."""
    return {name: getattr(body, name) for name in sorted(body.model_fields_set)}
