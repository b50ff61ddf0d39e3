"""Decodes the texts of metadata, and cleans them."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

MAX_TEXT: Final = 2_000
"""The maximum number of characters of a title, a description or another text."""

MAX_KEYWORDS: Final = 200
MAX_KEYWORD: Final = 100

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LINE_BREAKS: Final = re.compile(r"\r\n?|[\x85\u2028\u2029]")
# Lone surrogates cannot be encoded. The others are not characters, or change the direction of the text after them.
_FORBIDDEN: Final = re.compile(r"[\ud800-\udfff\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_UTF16_SAMPLE: Final = 64
_MIN_UTF16: Final = 4


def decode_text(raw: bytes) -> str:
    """Decode UTF-8, or Windows-1252 if the bytes are not UTF-8. A character that is cut off at the end is dropped.

    Some writers put UTF-16 into fields for ASCII. It is recognised if it consists of ASCII characters.
    """
    if len(raw) >= _MIN_UTF16 and raw[0] and not any(raw[1:_UTF16_SAMPLE:2]):
        return (raw + bytes(len(raw) % 2)).decode("utf-16-le")  # the last zero byte may be removed
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        # Only text that has other characters in UTF-8 is UTF-8 that was cut off.
        if error.reason == "unexpected end of data" and not raw[: error.start].isascii():
            return raw[: error.start].decode()
        return raw.decode("cp1252", "replace")


def decode_utf16(raw: bytes, *, little_endian: bool) -> str:
    """Decode UTF-16. A byte order mark, or the position of the zero bytes, is trusted more than `little_endian`."""
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", "replace")
    even, odd = raw[0:_UTF16_SAMPLE:2].count(0), raw[1:_UTF16_SAMPLE:2].count(0)
    if even != odd:
        little_endian = odd > even
    return raw.decode("utf-16-le" if little_endian else "utf-16-be", "replace")


def clean_text(text: str, limit: int = MAX_TEXT, *, lines: bool = False) -> str:
    """Remove control characters and needless blanks, and cut the text to `limit` characters.

    Args:
        text: The text. Everything after a NUL is ignored, unless the text starts with it.
        limit: The maximum number of characters of the result.
        lines: Whether line breaks are kept.
    """
    text = text.strip("\0").partition("\0")[0][: 4 * limit]
    text = _FORBIDDEN.sub("", text)
    if lines:
        rows = [" ".join(_CONTROLS.sub(" ", row).split()) for row in _LINE_BREAKS.sub("\n", text).split("\n")]
        return "\n".join(rows).strip()[:limit].rstrip()
    return " ".join(_CONTROLS.sub(" ", text).split())[:limit].rstrip()


def join_keywords(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the cleaned keywords in their order, without duplicates: at most `MAX_KEYWORDS` of `MAX_KEYWORD`."""
    keywords: dict[str, str] = {}
    for text in islice(texts, 10 * MAX_KEYWORDS):
        keyword = clean_text(text, MAX_KEYWORD)
        if keyword and len(keywords) < MAX_KEYWORDS:
            keywords.setdefault(keyword.casefold(), keyword)
    return tuple(keywords.values())
