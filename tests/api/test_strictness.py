"""What is not fully understood is refused, and the place is named."""

import base64
import time

import pytest

from tests.api.conftest import Reader
from tests.factories.documents import Library, days, id_of

LIST = "/content/blog-posts"

REFUSED = [
    ("unknown=1", "query/unknown", "unknown_parameter"),
    ("where=1", "query/where", "unknown_parameter"),
    ("_q=1", "query/_q", "unknown_parameter"),
    ("filters[x]=1", "query/filters[x]", "unknown_parameter"),
    ("utm_source=x", "query/utm_source", "unknown_parameter"),
    ("order=title", "query/order", "unknown_parameter"),
    (
        "owner__password__startswith=pbkdf2",
        "query/owner__password__startswith",
        "unknown_parameter",
    ),
    ("limit=2&limit=2", "query/limit", "repeated"),
    ("filter[slug]=a&filter[slug]=b", "query/filter[slug]", "repeated"),
    ("filter[slug]=a&filter%5Bslug%5D=b", "query/filter[slug]", "repeated"),
    *(
        (f"limit={value}", "query/limit", "out_of_range")
        for value in (
            *("", "0", "-1", "+1", "1.0", "1e1", "0x1", "01", "1_0", "101", "9" * 30, "true", "[]"),
            *("%20" + "1", "1+", "%EF%BC%91", "%D9%A1", "%C2%B2", "1;page=2"),
        )
    ),
    *(
        (f"filter[slug]={value}", "query/filter[slug]", "control_character")
        for value in ("%00", "a%0D%0Ab", "%1B[2J", "%7F", "%C2%85", "%EF%BB%BFx")
    ),
    *(
        (f"filter[slug]={value}", "query/filter[slug]", "malformed")
        for value in ("%ED%A0%80", "%C0%AF", "%FF", "%E2%82", "%", "%zz", "%u0041", "", "x" * 256)
    ),
    ("lim%00it=1", "query", "control_character"),
    ("%FF=1", "query", "malformed"),
    ("&limit=1", "query", "unknown_parameter"),
    ("x" * 8193, "query", "too_long"),
    ("fields=nothing", "query/fields", "unknown_field"),
    ("fields=owner", "query/fields", "unknown_field"),
    ("fields=author(password)", "query/fields", "unknown_field"),
    ("fields=title,title", "query/fields", "repeated"),
    ("fields=title(slug)", "query/fields", "not_a_reference"),
    ("fields=seo(image)", "query/fields", "not_a_reference"),
    *(
        (f"fields={value}", "query/fields", "malformed")
        for value in (
            *("", "*", "title,", ",title", "author(", "author()", "author(name", "author)name("),
            *("title%20,slug", "Title", "author(name)(role)", "((((", "title;slug", "a.b"),
        )
    ),
    (
        "fields=parent(parent(parent(parent(title))))",
        "query/fields",
        "too_deep",
    ),
    ("include=title", "query/include", "not_a_reference"),
    ("include=owner", "query/include", "unknown_field"),
    ("include=author.password", "query/include", "unknown_field"),
    ("include=parent.parent.parent.parent.parent", "query/include", "too_deep"),
    *(
        (f"include={value}", "query/include", "malformed")
        for value in ("", "author.", ".author", "author,,tags", "author(name)")
    ),
    ("sort=password", "query/sort", "unknown_sort"),
    ("sort=-author.email", "query/sort", "unknown_sort"),
    ("sort=author", "query/sort", "unknown_sort"),
    ("sort=summary", "query/sort", "unknown_sort"),
    ("sort=", "query/sort", "unknown_sort"),
    ("sort=--title", "query/sort", "unknown_sort"),
    ("sort=title,title", "query/sort", "repeated"),
    ("sort=title,-published_at,updated_at,date", "query/sort", "too_many"),
    ("filter[owner]=1", "query/filter[owner]", "unknown_filter"),
    ("filter[summary]=x", "query/filter[summary]", "unknown_filter"),
    ("filter[body]=x", "query/filter[body]", "unknown_filter"),
    ("filter[owner][email]=x", "query/filter[owner][email]", "unknown_filter"),
    ("filter[slug][startswith]=p", "query/filter[slug][startswith]", "malformed"),
    ("filter[slug][regex]=p", "query/filter[slug][regex]", "unknown_operator"),
    ("filter[slug][gt]=p", "query/filter[slug][gt]", "unknown_operator"),
    ("filter[tags][lt]=p", "query/filter[tags][lt]", "unknown_operator"),
    ("filter[tags][name]=p", "query/filter[tags][name]", "unknown_operator"),
    ("filter[slug][]=p", "query/filter[slug][]", "malformed"),
    ("filter[]=p", "query/filter[]", "malformed"),
    ("filter[slug=p", "query/filter[slug", "malformed"),
    ("filter[slug][in]=" + ",".join("x" * 51), "query/filter[slug][in]", "too_many"),
    ("filter[slug][in]=a,,b", "query/filter[slug][in]", "malformed"),
    ("filter[id]=1", "query/filter[id]", "malformed"),
    ("filter[id]=1' OR '1'='1", "query/filter[id]", "malformed"),
    *(
        (f"filter[reading_minutes][gt]={value}", "query/filter[reading_minutes][gt]", "malformed")
        for value in ("", "x", "1.5", "NaN", "Infinity", "1e9", "9" * 15, "%D9%A1", "0x1", "--1")
    ),
    *(
        (f"filter[published_at]={value}", "query/filter[published_at]", "malformed")
        for value in (
            *(
                "x",
                "",
                "0000-01-01",
                "10000-01-01",
                "2026-13-01",
                "2026-02-30",
                "2026-11-01T25:00Z",
            ),
            *(
                "2026-11-01T23:59:60Z",
                "2026-11-01T00:00",
                "0001-01-01T00:00:00%2B14:00",
                "1793491200",
            ),
        )
    ),
    ("filter[date]=2026-11-01T00:00Z", "query/filter[date]", "malformed"),
    ("format=xml", "query/format", "unknown_value"),
    ("count=1", "query/count", "malformed"),
    ("locale=", "query/locale", "malformed"),
    ("locale=fr,,en", "query/locale", "malformed"),
    ("locale=xx<script>", "query/locale", "malformed"),
    ("locale=de,it", "query/locale", "unknown_locale"),
    ("locale=a1,en", "query/locale", "malformed"),
    ("locale=en,fr,de,it,es,pt", "query/locale", "too_many"),
    ("type=tags", "query/type", "unknown_parameter"),
    ("after=x", "query/after", "unknown_cursor"),
    ("before=", "query/before", "unknown_cursor"),
    ("after=%F0%9F%8E%89", "query/after", "unknown_cursor"),
    ("after=" + "A" * 3000, "query/after", "unknown_cursor"),
    ("after=x&before=x", "query/before", "contradiction"),
]


@pytest.mark.parametrize(("query", "pointer", "code"), REFUSED, ids=lambda value: str(value)[:40])
def test_refused(library: Library, reader: Reader, query: str, pointer: str, code: str) -> None:
    assert reader.refusal(f"{LIST}?{query}") == (pointer[:66], code)


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/content?type=users", "query/type"),
        ("/content?type=site", "query/type"),
        ("/content?type=", "query/type"),
        ("/content?fields=price(x)", "query/fields"),
        ("/content/blog-posts/x?limit=1", "query/limit"),
        ("/content/blog-posts/x?filter[slug]=1", "query/filter[slug]"),
        ("/content/resolve", "query/path"),
        ("/content/resolve?path=", "query/path"),
        ("/content/resolve?path=blog", "query/path"),
        ("/content/resolve?path=//evil.example.com/", "query/path"),
        ("/content/resolve?path=/x%00/", "query/path"),
        ("/content/resolve?path=/&locale=en", "query/locale"),
        ("/content/sitemap?limit=1001", "query/limit"),
        ("/content/sitemap?before=x", "query/before"),
        ("/content/sitemap?after=x", "query/after"),
        ("/content/site?sort=title", "query/sort"),
        ("/content/blog-posts/x%00y", "path/key"),
        ("/content/blog-posts/x%0Ay", "path/key"),
        ("/services/" + "x" * 256, "path/key"),
        ("/services?unknown=1", "query/unknown"),
        ("/services/x?unknown=1", "query/unknown"),
    ],
)
def test_refused_elsewhere(library: Library, reader: Reader, path: str, pointer: str) -> None:
    assert reader.refusal(path)[0] == pointer


@pytest.mark.parametrize(
    "key", ["-1", "0", "1.0", "0x1", "\uff11", "10" * 15, "true", "[]", "..%2F..", "%ED%A0%80"]
)
def test_keys_that_are_no_document_are_not_found(
    library: Library, reader: Reader, key: str
) -> None:
    assert reader.get(f"{LIST}/{key}").status_code == 404


def test_nothing_tells_a_hidden_field_from_one_that_does_not_exist(
    library: Library, reader: Reader
) -> None:
    def words(name: str) -> bytes:
        response = reader.get(f"{LIST}?filter[{name}]=x", x_request_id="the-same-id")
        return bytes(response.content).replace(name.encode(), b"*")

    assert words("summary") == words("password") == words("owner")


class TestCursors:
    """A cursor is of one list and cannot be made up."""

    @pytest.fixture
    def cursor(self, library: Library, reader: Reader) -> str:
        tag = library.tag(1)
        for number in range(3):
            library.post(number, date=days(number), tags=[tag])
            library.service(number, "1.00")
        library.save()
        found: str = reader.json(f"{LIST}?limit=1")["page"]["next"]
        return found

    def test_every_flipped_bit_is_refused(self, reader: Reader, cursor: str) -> None:
        raw = base64.urlsafe_b64decode(cursor + "==")
        for index in range(len(raw)):
            changed = bytearray(raw)
            changed[index] ^= 1
            text = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
            assert reader.refusal(f"{LIST}?limit=1&after={text}") == (
                "query/after",
                "unknown_cursor",
            )

    @pytest.mark.parametrize(
        "address",
        [
            "/content/services?after=",
            "/content?after=",
            f"{LIST}?sort=title&after=",
            f"{LIST}?sort=published_at&after=",
            f"{LIST}?filter[tags]=tag-1&after=",
            f"{LIST}?locale=fr&after=",
            f"{LIST}?locale=en,fr&after=",
            "/content/sitemap?after=",
        ],
    )
    def test_another_list_refuses_it(self, reader: Reader, cursor: str, address: str) -> None:
        assert reader.refusal(address + cursor) == ("query/after", "unknown_cursor")

    def test_other_fields_and_limits_take_it(self, reader: Reader, cursor: str) -> None:
        address = f"{LIST}?limit=2&fields=slug&include=author&after={cursor}"
        assert reader.slugs(address) == ["post-1", "post-0"]

    @pytest.mark.parametrize("change", ["{}=", "{}==", "{} ", "{}A", "A{}", "{}%0A"])
    def test_another_spelling_is_refused(self, reader: Reader, cursor: str, change: str) -> None:
        assert reader.get(f"{LIST}?after={change.format(cursor)}").status_code == 400

    def test_another_key_refuses_it(self, reader: Reader, cursor: str, settings: object) -> None:
        settings.SECRET_KEY = "another" * 10  # type: ignore[attr-defined]
        assert reader.refusal(f"{LIST}?limit=1&after={cursor}")[1] == "unknown_cursor"


@pytest.mark.parametrize(
    "query",
    [
        "filter[title]=" + "a" * 8000,
        "fields=" + "(" * 8000,
        "fields=" + "parent(" * 1000,
        "include=" + "parent," * 1000 + "parent",
        "filter[title][in]=" + "a," * 4000,
        "sort=" + "title," * 1300,
        "locale=" + "a-" * 4000,
        "&" * 8000,
    ],
)
def test_long_queries_are_answered_quickly(library: Library, reader: Reader, query: str) -> None:
    start = time.process_time()
    assert reader.get(f"{LIST}?{query}").status_code in {200, 400}
    assert time.process_time() - start < 0.3


def test_quotes_and_wildcards_are_plain_letters(library: Library, reader: Reader) -> None:
    library.post(1, title="100% 'sure'")
    library.save()

    assert reader.slugs(f"{LIST}?filter[title]=100%25+'sure'") == ["post-1"]
    assert reader.slugs(f"{LIST}?filter[title]=%25") == []
    assert reader.slugs(f"{LIST}?filter[title]=x'+OR+'1'='1") == []
    assert reader.get(f"{LIST}/' OR 1=1 --").status_code == 404
    assert reader.slugs(f"{LIST}?filter[id]={id_of('post', 1)}") == ["post-1"]
