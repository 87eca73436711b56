"""Export files: old ones, damaged ones, dangerous ones, huge ones."""

import tracemalloc

import pytest

from cms.importing.content import SourceBroken, SourceItem
from cms.importing.sources.wordpress.source import WordPressSource
from cms.importing.sources.wordpress.wxr import WxrReader
from tests.cms.importing.wxr_file import (
    HEAD,
    TAIL,
    attachment,
    author,
    codes_of,
    comment,
    entry,
    export,
    item,
    read,
    read_item,
)


def broken(folder, data):
    """What is said of a file with these bytes."""
    path = folder / "export.xml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    source = WordPressSource(path)
    with pytest.raises(SourceBroken) as problem:
        list(source.items())
    with pytest.raises(SourceBroken):
        source.size()
    source.close()
    return str(problem.value)


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_each_version_is_read(tmp_path, version):
    found = read_item(tmp_path, item(1, "Words", title="One"), key="post:1", version=version)
    assert (found.title, found.body[0]["value"]) == ("One", "<p>Words</p>")


def test_the_first_version_names_each_term_twice_and_no_author(tmp_path):
    old = item(1, "x", creator="ann").replace(
        "</item>",
        "<category><![CDATA[News]]></category>"
        '<category domain="category" nicename="news"><![CDATA[News]]></category>'
        '<category domain="tag"><![CDATA[Red]]></category>'
        '<category domain="tag" nicename="red"><![CDATA[Red]]></category></item>',
    )
    found = read(tmp_path, old, version="1.0")
    assert found["post:1"].categories == ("category:news",)
    assert found["post:1"].tags == ("Red",)
    assert found["author:ann"].title == "ann"


def test_the_website_is_known_from_the_head(tmp_path):
    path = tmp_path / "export.xml"
    path.write_text(export(item(1)), encoding="utf-8")
    source = WordPressSource(path)
    assert source.identity == "blog.example.com"
    assert source.base_url == "https://blog.example.com"
    assert source.hosts == {"blog.example.com", "www.blog.example.com"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"\x1f\x8b\x08\x00rest", "compressed"),
        (b"PK\x03\x04rest", "compressed"),
        ("<html><body>Log in</body></html>", "begins with <rss>, this file with <html>"),
        ("no xml at all", "Line 1, column 1: the XML is damaged"),
        ("<rss><channel><title>News</title><item/></channel></rss>", "no export of WordPress"),
        (export(item(1))[:-300], "the file ends in the middle"),
        (export(item(1)).replace(TAIL, ""), "the file ends in the middle"),
        (export(item(1, "x")).replace("<![CDATA[x]]>", "<![CDATA[x"), "the XML is damaged"),
        (export(item(1)).replace("</item>", "</itm>"), "the XML is damaged (mismatched tag)"),
        (export("<item><title>a &nbsp; b</title></item>"), "entity that XML does not know"),
        (export(item(1)).replace("UTF-8", "klingon"), "not known"),
        (
            export(item(1, "caf\u00e9")).encode("latin-1"),
            "says that it is UTF-8, but its letters are not",
        ),
    ],
)
def test_a_damaged_file_is_told_with_its_place(tmp_path, data, words):
    told = broken(tmp_path, data)
    assert words in told, told


def test_the_line_that_is_told_is_the_right_one(tmp_path):
    text = export(item(1), item(2)).replace("</item>", "</itm>", 1)
    line = text[: text.index("</itm>")].count("\n") + 1
    assert broken(tmp_path, text).startswith(f"Line {line}, ")
    assert broken(tmp_path, "\n\n" + text).startswith(f"Line {line + 2}, ")


BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "&lol;"}">' for n in range(10))
    + "]>\n<rss>&l9;</rss>"
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        '<?xml version="1.0"?><!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss/>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]><rss>&x;</rss>',
        '<!DOCTYPE rss [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><rss/>',
        "<!DOCTYPE rss><rss/>",
    ],
)
def test_document_types_and_entities_are_refused(tmp_path, text):
    assert "document type (DOCTYPE)" in broken(tmp_path, text)


def test_what_only_grows_is_refused(tmp_path):
    head = HEAD.format(version="1.2", base="https://a.example")
    assert "more than 64 deep" in broken(tmp_path, head + "<a>" * 100)
    names = "".join(f"<n{number}/>" for number in range(6000))
    assert "different names" in broken(tmp_path, f"{head}<item>{names}</item>{TAIL}")
    endless = f'{head}<item a="{"x" * 6_000_000}"/>'
    assert "does not end within 4 MB" in broken(tmp_path, endless)


def test_a_text_beyond_measure_fails_alone(tmp_path):
    huge = "word " * 4_400_000
    found = read(tmp_path, item(1, huge), item(2, "small"))
    assert codes_of(found["post:1"]) == ["too-large"]
    assert found["post:1"].body == ()
    assert codes_of(found["post:2"]) == []


def test_many_comments_do_not_make_their_post_too_large(tmp_path):
    found = read(
        tmp_path, item(1, "x", comments="".join(comment(n, "w" * 5000) for n in range(4500)))
    )
    assert codes_of(found["post:1"]) == ["comments"]


def test_control_characters_are_taken_out_and_told(tmp_path):
    path = tmp_path / "export.xml"
    path.write_bytes(export(item(1, "a\x0bb \x00c"), item(2, "fine")).encode())
    found = {thing.key: thing for thing in WordPressSource(path).items()}
    assert found["post:1"].body[0]["value"] == "<p>ab c</p>"
    assert codes_of(found["post:1"]) == ["control-characters"]
    assert codes_of(found["post:2"]) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_other_encodings_are_read_where_they_are_declared(tmp_path, encoding):
    path = tmp_path / "export.xml"
    declared = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16"}.get(encoding, "ISO-8859-1")
    text = export(item(1, "caf\u00e9")).replace("UTF-8", declared)
    path.write_bytes(text.encode(encoding))
    found = {thing.key: thing for thing in WordPressSource(path).items()}
    assert found["post:1"].body[0]["value"] == "<p>caf\u00e9</p>"


def test_things_may_come_in_any_order(tmp_path):
    parts = [
        author("ann"),
        item(1, "[gallery]", creator="ann"),
        attachment(2, parent=1),
        entry(3, "m", url="/a/"),
    ]
    forward, backward = read(tmp_path, *parts), read(tmp_path, *parts[::-1])
    for key in ("post:1", "attachment:2", "author:ann"):
        assert forward[key].body == backward[key].body
        assert forward[key].details == backward[key].details


def test_memory_does_not_grow_with_the_file(tmp_path):
    """Ten times the items may take twice the memory at most: a piece of the file, an index on disk."""

    def peak(count):
        path = tmp_path / f"{count}.xml"
        with path.open("w", encoding="utf-8") as file:
            file.write(HEAD.format(version="1.2", base="https://a.example"))
            for number in range(1, count + 1):
                file.write(item(number, "word " * 200, comments=comment(number)))
            file.write(TAIL)
        tracemalloc.start()
        reader = WxrReader(path)
        assert sum(1 for _record in reader.records()) == 2 * count
        source = WordPressSource(path)
        found = sum(isinstance(thing, SourceItem) for thing in source.items())
        source.close()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found == count + 1
        return most

    assert peak(1000) < 2 * peak(100)
