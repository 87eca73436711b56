"""What was meant, what was promised and what arrived: lines in files outside the product.

Each line is one write to the end of a file, so that lines of several processes do not mix and a
killed process leaves whole lines behind.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Journal:
    """One file, for one or many writers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, **line: Any) -> None:
        stamped = {"at": round(time.time(), 3)} | line
        os.write(self._file, f"{json.dumps(stamped)}\n".encode())

    def lines(self) -> Iterator[dict[str, Any]]:
        with self.path.open() as file:
            for line in file:
                yield json.loads(line)
