"""Finds the texts of people about a photo: title, description, rating and keywords."""

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any, Final

from detector.metadata.exif import Tag, parse_number
from detector.metadata.iptc import DataSet
from detector.metadata.sources import Sources
from detector.metadata.text import MAX_TEXT, clean_text, decode_text, join_keywords

_IPTC_KEYWORD_BYTES: Final = 64
_BINARY: Final = re.compile(r"[\x01-\x08\x0e-\x1f\ufffd]")
_MIN_WORDS: Final = 3
_PROGRAM: Final = re.compile(r"://|software|copyright|\bv?\d+\.\d|0x[0-9a-f]", re.IGNORECASE)
# Cameras and programs write these without being asked.
_STAMPS: Final = re.compile(
    r"""
    [\W_]* | default | ascii | charset=.* | exif_jpeg_picture | jpeg | untitled | (?:dcim\\.*) | .*digital\ camera
    | sony\ dsc | samsung\ (?:csc|.*camera) | dsc_?\d+ | maker:.* | binary\ comment
    | (?:created|generated|made|written|edited|optimi[sz]ed|compressed|processed|file\ written)\ (?:with|by|using)\b.*
    | \{.*\} | creator:.* | lavc\S* | lead\ technologies.* | intel\(r\).* | .*jpeg\ encoder.* | screenshot
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def find_description(sources: Sources) -> dict[str, Any]:
    """Return the fields of `Metadata` that people fill in. XMP comes first, because all editors write it."""
    return {
        "title": next(_clean_all(_find_titles(sources), lines=False), ""),
        "description": next(_clean_all(_find_captions(sources), lines=True), ""),
        "rating": _find_rating(sources),
        "keywords": join_keywords(_find_keyword_texts(sources)),
    }


def _clean_all(texts: Iterator[str], *, lines: bool) -> Iterator[str]:
    """Yield the cleaned texts that people wrote."""
    cleaned = (clean_text(text, MAX_TEXT, lines=lines) for text in texts)
    return (text for text in cleaned if not _STAMPS.fullmatch(text))


def _find_titles(sources: Sources) -> Iterator[str]:
    yield sources.xmp.first("dc:title")
    yield sources.iptc.first(DataSet.TITLE)
    yield from _find_windows_texts(sources, Tag.XP_TITLE)
    yield sources.xmp.first("photoshop:Headline")
    yield sources.iptc.first(DataSet.HEADLINE)
    yield sources.blocks.texts.get("title", "")


def _find_captions(sources: Sources) -> Iterator[str]:
    yield sources.xmp.first("dc:description")
    yield sources.iptc.first(DataSet.CAPTION)
    for exif in sources.exif:
        yield from (entry.text for entry in exif.find(Tag.DESCRIPTION))
    yield sources.xmp.first("tiff:ImageDescription")
    for exif in sources.exif:
        yield from (entry.comment for entry in exif.find(Tag.USER_COMMENT) if not _BINARY.search(entry.comment))
    yield sources.xmp.first("exif:UserComment")
    yield from _find_windows_texts(sources, Tag.XP_COMMENT)
    yield from _find_windows_texts(sources, Tag.XP_SUBJECT)
    yield sources.blocks.texts.get("description", "")
    yield sources.blocks.texts.get("comment", "")
    yield from filter(_is_sentence, map(decode_text, sources.blocks.comments))


def _is_sentence(comment: str) -> bool:
    """Return whether a person may have written a comment of a JPEG file. Most comments are the names of programs."""
    return len(comment.split()) >= _MIN_WORDS and not _PROGRAM.search(comment)


def _find_windows_texts(sources: Sources, tag: Tag) -> Iterator[str]:
    return (entry.windows_text for exif in sources.exif for entry in exif.find(tag))


def _find_rating(sources: Sources) -> int | None:
    """Return the first rating that is not 0, because programs that know no ratings leave or write 0."""
    stars = [parse_number(text) for text in sources.xmp.find("xmp:Rating")]
    stars += [entry.number for exif in sources.exif for entry in exif.find(Tag.RATING)]
    percents = [parse_number(text) for text in sources.xmp.find("microsoft:Rating")]
    percents += [entry.number for exif in sources.exif for entry in exif.find(Tag.RATING_PERCENT)]
    stars += [_convert_percent(percent) for percent in percents]
    ratings = [round(star) for star in stars if isfinite(star) and -1 <= star <= 5]  # noqa: PLR2004  # the range of XMP
    return next((rating for rating in ratings if rating), 0 if ratings else None)


def _convert_percent(percent: float) -> float:
    """Convert the percentages of Windows: 1, 25, 50, 75 and 99 are one to five stars."""
    return float(percent > 0) + (percent + 12) // 25 if 0 <= percent <= 100 else -2.0  # noqa: PLR2004


def _find_keyword_texts(sources: Sources) -> Iterator[str]:
    """Yield the keywords of all standards. Of hierarchies, the last level is a keyword."""
    subjects = sources.xmp.find("dc:subject")
    yield from subjects
    yield from sources.xmp.find("microsoft:LastKeywordXMP")
    for keyword in sources.iptc.find(DataSet.KEYWORD):
        cut = len(keyword.encode()) >= _IPTC_KEYWORD_BYTES - 3
        if not (cut and any(subject.startswith(keyword) for subject in subjects)):
            yield keyword
    for text in _find_windows_texts(sources, Tag.XP_KEYWORDS):
        yield from text.split(";")
    for path in sources.xmp.find("lr:hierarchicalSubject"):
        yield path.rpartition("|")[2]
    for path in sources.xmp.find("digikam:TagsList"):
        yield path.rpartition("/")[2]
