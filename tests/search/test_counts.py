"""After any history of edits the tables of the database are those of an index made anew."""

import random
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from delivery.interface import Document
from outbox.interface import LedgerEvent
from search.engines.database.engine import DATABASE_ENGINE
from search.entries import searched_types
from search.indexing import index_documents_many, index_in_database, read_entries
from search.models import IndexedDocument
from tests.factories.documents import Library, paragraph

WORDS = (
    "boat",
    "harbour",
    "kettle",
    "copper",
    "winter",
    "garden",
    "snow",
    "rye",
    "wheat",
    "anchor",
)

# Of each table what does not depend on the keys that rows happened to get.
_SELECTS = """
SELECT site_id, locale, documents, ROUND(CAST(length AS NUMERIC), 3) FROM search_collection
 WHERE documents > 0;
SELECT site_id, locale, stem, documents FROM search_term;
SELECT site_id, locale, word, stem, backwards, documents FROM search_vocabularyword;
SELECT t.stem, d.document_id, p.frequency, p.length FROM search_posting p
 LEFT JOIN search_term t ON t.id = p.term_id
 LEFT JOIN search_indexeddocument d ON d.id = p.entry_id;
SELECT w.word, f.form FROM search_wordform f LEFT JOIN search_vocabularyword w ON w.id = f.word_id;
SELECT facet, document_id, title, key, documents FROM search_facetlabel;
SELECT d.document_id, l.document_id FROM search_facetentry x
 LEFT JOIN search_indexeddocument d ON d.id = x.entry_id
 LEFT JOIN search_facetlabel l ON l.id = x.label_id;
SELECT d.document_id, t.key, t.position FROM search_titlestart t
 LEFT JOIN search_indexeddocument d ON d.id = t.entry_id
"""


def tables() -> list[list[str]]:
    found = []
    with connection.cursor() as cursor:
        for select in _SELECTS.split(";"):
            cursor.execute(select)
            found.append(sorted(map(str, cursor.fetchall())))
    return found


def edit(library: Library, chance: random.Random) -> None:
    """Publishes, changes or withdraws one thing."""
    key = chance.randrange(6)
    words = " ".join(chance.choices(WORDS, k=chance.randrange(1, 8)))
    tags = [library.tag(number) for number in chance.sample(range(3), chance.randrange(3))]
    action = chance.random()
    if action < 0.6:
        locale = chance.choice(["en", "fr", "de"])
        body = [paragraph(f"<p>{words} {chance.choice(WORDS)}</p>")]
        library.post(key, title=words.title(), tags=tags, locale=locale, body=body)
    elif action < 0.75:
        library.add("tag", key % 3, "tags", title=f"Tag {words}", locale="", path="")
    library.save()
    if action >= 0.75:
        library.withdraw(*Document.objects.filter(slug=f"post-{key}").values_list("id", flat=True))


@pytest.mark.parametrize("seed", [1, 2])
def test_counts_are_those_of_an_index_made_anew(db: None, seed: int) -> None:
    library, chance = Library().open(), random.Random(seed)
    for _ in range(40):
        edit(library, chance)
        ids = set(Document.objects.values_list("id", flat=True))
        ids |= set(IndexedDocument.objects.values_list("document_id", flat=True))
        index_in_database(chance.sample(sorted(ids), len(ids)))

    assert_made_anew_it_is_the_same()


@pytest.mark.parametrize("seed", [1, 2])
def test_events_that_come_late_twice_and_in_any_order_make_the_same_index(
    db: None, seed: int
) -> None:
    library, chance = Library().open(), random.Random(seed)
    read, late = 0, list[LedgerEvent]()
    for number in range(43):
        if number < 40:
            edit(library, chance)
        else:
            # Whatever shows a tag at the end shows it by its last name.
            library.add("tag", number - 40, "tags", title=f"Last {number}", locale="", path="")
            library.save()
        events = LedgerEvent.objects.filter(sequence__gt=read, type__startswith="content.")
        late += events
        read = max([read, *(event.sequence for event in events)])
        chance.shuffle(late)
        many = chance.randrange(len(late) + 1)
        index_documents_many([*late[:many], *late[: many // 2]])
        late = late[many:]
    index_documents_many(late)

    assert_made_anew_it_is_the_same()


def test_of_a_document_that_is_indexed_as_it_is_only_the_version_is_read(
    db: None, django_assert_num_queries: Any
) -> None:
    library = Library().open()
    for number in range(20):
        library.post(number, body=[paragraph("<p>boat</p>")])
    library.save()
    events = list(LedgerEvent.objects.filter(type="content.published"))
    assert index_documents_many(events) == [None] * len(events)

    with django_assert_num_queries(2) as asked:
        index_documents_many(events)

    assert not any("content" in query["sql"] for query in asked.captured_queries)


def assert_made_anew_it_is_the_same() -> None:
    grown = tables()
    documents = Document.objects.filter(type__in=searched_types()).values_list("id", flat=True)
    with connection.cursor() as cursor:
        for name in ("posting", "wordform"):
            cursor.execute(f"DELETE FROM search_{name}")
    for model in apps.get_app_config("search").get_models():
        model._default_manager.all().delete()
    assert all(rows == [] for rows in tables())
    DATABASE_ENGINE.apply(read_entries(list(documents)).entries, [])

    assert tables() == grown
    assert grown[3], "The last state has no words, so nothing was compared."
