"""Menus of an export."""

from cms.importing.content import Skipped
from tests.cms.importing.wxr_file import (
    BASE,
    category,
    codes_of,
    entry,
    item,
    read,
    read_item,
    term,
)

PARTS = [
    item(2, kind="page", title="About"),
    item(1, title="A post"),
    category("news", "News", number=5),
    term("nav_menu", "primary", "Primary"),
    term("nav_menu", "small-print", "Footer links"),
    entry(13, "primary", title="Extern", url="https://x.example/", parent=12, order=3),
    entry(12, "primary", type="post_type", object="page", object_id=2, order=2),
    entry(11, "primary", title="Home", url="/", order=1),
    entry(14, "primary", type="taxonomy", object="category", object_id=5, order=4),
    entry(15, "primary", title="Gone", type="post_type", object="page", object_id=99, order=5),
    entry(16, "primary", title="Under gone", url="/under/", parent=15, order=6),
    entry(21, "small-print", title="Opens", url="#"),
    entry(
        22,
        "small-print",
        title="Below",
        type="post_type",
        object="post",
        object_id=1,
        parent=21,
    ),
    entry(23, "small-print", title="Nothing", url=""),
    entry(31, "", title="Lost", url="/lost/"),
]


def test_a_menu_is_a_tree(tmp_path):
    found = read(tmp_path, *PARTS)
    main, footer = found["menu:primary"], found["menu:small-print"]
    assert main.details == {
        "menu": "main",
        "items": [
            {"label": "Home", "url": f"{BASE}/", "children": []},
            {
                "label": "About",
                "url": "wp:post:2",
                "children": [{"label": "Extern", "url": "https://x.example/", "children": []}],
            },
            {"label": "News", "url": "wp:term:category:news", "children": []},
            {"label": "Under gone", "url": f"{BASE}/under/", "children": []},
        ],
    }
    assert codes_of(main) == [
        "menu-place",
        "menu-entry-of-taxonomy",
        "menu-entry-to-nowhere",
        "menu-entries",
    ]
    assert footer.details["menu"] == "footer"
    assert [(one["label"], one["url"]) for one in footer.details["items"]] == [
        ("Opens", "wp:post:1")
    ]
    assert isinstance(found["nav_menu_item:31"], Skipped)
    assert "wp:term:category:news" in found["section:blog"].addresses


def test_entries_below_each_other_end(tmp_path):
    parts = [
        entry(1, "round", title="A", url="/a/", parent=2),
        entry(2, "round", title="B", url="/b/", parent=1),
        entry(3, "round", title="C", url="/c/"),
    ]
    menu = read_item(tmp_path, *parts, key="menu:round")
    assert [one["label"] for one in menu.details["items"]] == ["C"]
    assert "menu-cycle" in codes_of(menu)


def test_two_menus_may_share_their_numbers(tmp_path):
    parts = [entry(1, "one", title="A", url="/a/"), entry(1, "two", title="B", url="/b/")]
    found = read(tmp_path, *parts)
    assert [len(found[key].details["items"]) for key in ("menu:one", "menu:two")] == [1, 1]
