"""One spelling for each query."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.interface import defaults_of
from api.v1.params import read_params
from core.interface import Invalid
from delivery.response_cache.query import MAX_QUERY, canonical_query

NONE: dict[str, str] = {}


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("", ""),
        ("b=2&a=1", "a=1&b=2"),
        ("a=%31", "a=1"),
        ("a=x+y", "a=x%20y"),
        ("a=x%20y", "a=x%20y"),
        ("a=%2B", "a=%2B"),
        ("a=%c3%a9", "a=%C3%A9"),
        ("a=%7E", "a=~"),
        ("filter%5Btags%5D%5Bin%5D=a%2Cb", "filter[tags][in]=a,b"),
        ("a", "a="),
        ("a=1=2", "a=1%3D2"),
        ("a=&b", "a=&b="),
        ("a=1%262", "a=1%262"),
        ("path=%2Fblog%2Fx%2F", "path=/blog/x/"),
    ],
)
def test_spellings_are_folded(raw: str, canonical: str) -> None:
    assert canonical_query(raw, NONE) == canonical
    assert canonical_query(canonical, NONE) == canonical


@pytest.mark.parametrize(
    "raw",
    [
        "a=1&a=1",
        "a=1&%61=2",
        "&",
        "a=1&",
        "=1",
        "a=%",
        "a=%zz",
        "a=%ff",
        "a=%00",
        "a=%0A",
        "a=é",
        "a=" + "x" * MAX_QUERY,
    ],
)
def test_what_is_odd_is_never_stored(raw: str) -> None:
    assert canonical_query(raw, NONE) is None


@pytest.mark.parametrize(
    ("path", "raw", "canonical"),
    [
        ("/api/v1/content", "limit=20&count=false&format=html", ""),
        ("/api/v1/content/blog-posts", "limit=20&fields=title", "fields=title"),
        ("/api/v1/content/blog-posts", "limit=21&count=true", "count=true&limit=21"),
        ("/api/v1/services", "limit=20", ""),
        ("/api/v1/content/blog-posts/x", "limit=20&format=html", "limit=20"),
        ("/api/v1/content/resolve", "limit=20&format=html&path=/x/", "limit=20&path=/x/"),
        ("/api/v1/content/site", "limit=20&format=html", "limit=20"),
        ("/api/v1/content/sitemap", "limit=1000&format=html", "format=html"),
        ("/api/v1/content/sync", "format=html&limit=20", "format=html&limit=20"),
        ("/api/v1/other", "limit=20", "limit=20"),
    ],
)
def test_defaults_are_left_out_where_they_are_known(path: str, raw: str, canonical: str) -> None:
    """Where a parameter is unknown it stays: it is to be refused, not overlooked."""
    defaults = defaults_of(path)
    assert defaults is not None
    assert canonical_query(raw, defaults) == canonical


@pytest.mark.parametrize("path", ["/api/v2/graphql", "/api/docs", "/admin/", "/api/manage/v3/"])
def test_other_queries_are_left_alone(path: str) -> None:
    assert defaults_of(path) is None


class Anything:
    """Every name is allowed."""

    def __contains__(self, _name: object) -> bool:
        return True


@given(st.text(alphabet="ab=&+% 12cC3fFé\x00[],/é", max_size=30))
def test_the_api_understands_the_canonical_query_as_it_does_the_raw_one(raw: str) -> None:
    canonical = canonical_query(raw, NONE)
    if canonical is None:
        return
    assert read_params(canonical, Anything()) == read_params(raw, Anything())


@given(
    st.dictionaries(st.text("abc[]é %", min_size=1, max_size=5), st.text(max_size=8), max_size=5),
    st.randoms(use_true_random=False),
)
def test_order_and_escapes_make_no_difference(params: dict[str, str], chance: "st.DrawFn") -> None:
    pairs = list(params.items())
    chance.shuffle(pairs)  # type: ignore[attr-defined]
    one, other = (
        urlencode(list(params.items())),
        urlencode(pairs, quote_via=lambda s, *_: _escaped(s)),
    )
    assert canonical_query(one, NONE) == canonical_query(other, NONE)
    canonical = canonical_query(one, NONE)
    if canonical is not None:
        assert dict(parse_qsl(canonical, keep_blank_values=True)) == params


def _escaped(text: str) -> str:
    """Every byte as an escape, in small letters."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


def test_what_the_api_refuses_is_not_made_acceptable() -> None:
    for raw in ("limit=0", "limit=020", "unknown=1", "limit=20&limit=20"):
        canonical = canonical_query(raw, {"limit": "20"})
        if canonical is None:
            continue
        assert canonical == raw
    with pytest.raises(Invalid):
        read_params("limit=20&limit=20", ("limit",))
