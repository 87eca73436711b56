"""Loads the made-up texts of `bench.search_content` into a stock site, and indexes them.

Started as a program of its own, with the number of texts.
"""

import sys

from bench.search_content import write_texts
from bench.stock.searching import load  # sets Django up

if __name__ == "__main__":
    load(
        [
            {
                "title": text.title,
                "summary": text.summary,
                "body": " ".join([*text.headings, *text.paragraphs]),
            }
            for text in write_texts(int(sys.argv[1]))
        ]
    )
