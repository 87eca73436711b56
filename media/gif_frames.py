"""Counting the frames of a GIF without decoding one."""

from typing import Final

_HEADER_BYTES: Final = 13
_IMAGE, _EXTENSION, _END = 0x2C, 0x21, 0x3B
_MAX_BLOCKS: Final = 400_000
"""Of 255 bytes each in a file as it should be; a file of 20 MB has 82,000 then."""


def count_gif_frames(content: bytes, enough: int) -> int:
    """The number of frames; stops at `enough`. Raises `ValueError` for what is no GIF to its end."""
    position = _after_colours(content, _HEADER_BYTES, 10)
    frames = blocks = 0
    try:
        while frames < enough and (kind := content[position]) != _END:
            if kind == _IMAGE:
                frames += 1
                position = _after_colours(content, position + 10, position + 9) + 1
            elif kind == _EXTENSION:
                position += 2
            else:
                raise ValueError("An unknown block in a GIF.")
            while size := content[position]:
                position += size + 1
                blocks += 1
                if blocks > _MAX_BLOCKS:
                    raise ValueError("Too many blocks in a GIF.")
            position += 1
    except IndexError:
        if not frames:
            raise ValueError("A GIF without a frame.") from None
    return frames


def _after_colours(content: bytes, position: int, flags_at: int) -> int:
    """Where a table of colours ends that may begin at `position`, as the flags say."""
    if len(content) <= flags_at:
        raise ValueError("A GIF that ends early.")
    flags = content[flags_at]
    return position + (3 << ((flags & 0x07) + 1) if flags & 0x80 else 0)
