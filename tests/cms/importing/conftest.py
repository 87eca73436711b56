"""What a test reads from is closed when the test ends."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from cms.importing.sources.wordpress.source import WordPressSource


@pytest.fixture(autouse=True)
def sources_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An import closes its source; a test that only looks into one need not remember to."""
    begin = WordPressSource.__init__
    with ExitStack() as opened:

        def begin_and_note(source: WordPressSource, *arguments: Any) -> None:
            begin(source, *arguments)
            opened.callback(source.close)

        monkeypatch.setattr(WordPressSource, "__init__", begin_and_note)
        yield
