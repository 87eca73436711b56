"""After any history of edits the tables of the database are those of an index made anew."""

import random

import pytest
from django.apps import apps
from django.db import connection

from delivery.interface import Document
from search.engines.database.engine import DATABASE_ENGINE
from search.entries import SEARCHED_TYPES
from search.indexing import index_in_database, read_entries
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
    grown = tables()

    documents = Document.objects.filter(type__in=SEARCHED_TYPES).values_list("id", flat=True)
    with connection.cursor() as cursor:
        for name in ("posting", "wordform"):
            cursor.execute(f"DELETE FROM search_{name}")
    for model in apps.get_app_config("search").get_models():
        model._default_manager.all().delete()
    assert all(rows == [] for rows in tables())
    DATABASE_ENGINE.apply(read_entries(list(documents)).entries, [])

    assert tables() == grown
    assert grown[3], "The last state has no words, so nothing was compared."
