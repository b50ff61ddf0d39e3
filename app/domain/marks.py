"""Defines marks: hidden tags. The tag index finds favourites with them, as it finds the images with a tag.

No tag has the name of a mark, because it begins with an operator of the query language.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.domain.tags import MAX_TAGS, Tags

MARK: Final = ":"
FAVOURITE: Final = f"{MARK}favourite"
NO_MARKS: Final[Tags] = MappingProxyType({})


def is_mark(tag: str) -> bool:
    """Return whether a name in the tag index is that of a mark."""
    return tag.startswith(MARK)


def make_marks(*, favourite: bool) -> Tags:
    """Return the marks of an image and their counts."""
    return {FAVOURITE: 1} if favourite else {}


def split_marks(counts: Tags) -> tuple[Tags, Tags]:
    """Return the tags among stored counts, and the marks."""
    marks = {name: count for name, count in counts.items() if is_mark(name)}
    return {name: count for name, count in counts.items() if name not in marks}, marks


def limit_tags(marks: Tags) -> int:
    """Return how many tags an image with these marks can have."""
    return MAX_TAGS - sum(marks.values())


def describe_limit(marks: Tags) -> str:
    """Return how many tags an image with these marks can have, for an error."""
    if not marks:
        return f"An image can have at most {MAX_TAGS} tags"
    return f"This image can have at most {limit_tags(marks)} tags, because a favourite mark counts as one"


def write_mark(mark: str) -> str:
    """Return a mark as a query contains it: `is:favourite`."""
    return f"is{mark}"


def describe_mark(mark: str) -> str:
    """Return what an image with a mark is, for people who do not know the query language."""
    return f"a {mark.removeprefix(MARK)}"


def describe_tag(tag: str) -> str:
    """Return the name of a tag or a mark for a sentence: `the tag dog`."""
    return _DESCRIPTIONS.get(tag, f"the tag {tag}")


_DESCRIPTIONS: Final[Mapping[str, str]] = {FAVOURITE: "the favourites"}
