"""Counts the tags, the years, and the counts of one tag in the result of a search."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Final

from app.domain.images import ImageSummary
from app.domain.ports import Images
from app.domain.query import Query

MAX_MATCHES: Final = 500
MAX_TAGS: Final = 100


@dataclass(frozen=True, slots=True)
class Facets:
    """The parts of a result.

    Attributes:
        images: The number of images that were read.
        is_exact: Whether they are the whole result. Otherwise, they are its newest images.
        tags: The tags that the query does not require, and their numbers of images, most frequent first.
        counts: The counts of the tag of the request, and their numbers of images, lowest count first.
        years: The years in which the images were taken, and their numbers of images, latest first. Images with an
            implausible time have none.
    """

    images: int
    is_exact: bool
    tags: list[tuple[str, int]]
    counts: list[tuple[int, int]]
    years: list[tuple[int, int]]


def find_facets(images: Images, owner: str, query: Query, tag: str | None = None) -> Facets:
    """Read up to `MAX_MATCHES` matches of a query, newest first, and count up to `MAX_TAGS` of their tags.

    Args:
        images: The images.
        owner: The owner.
        query: The query. An empty one matches the whole library.
        tag: The tag whose counts are wanted.
    """
    page = images.search(owner, query, MAX_MATCHES)
    return Facets(
        images=len(page.images),
        is_exact=page.cursor is None,
        tags=_count_tags(page.images, _list_required(query)),
        counts=[] if tag is None else _count_counts(page.images, tag),
        years=sorted(Counter(int(image.month[:4]) for image in page.images if image.month).items(), reverse=True),
    )


def _count_tags(images: Iterable[ImageSummary], required: set[str]) -> list[tuple[str, int]]:
    numbers = Counter(chain.from_iterable(image.tags for image in images))
    others = [(tag, number) for tag, number in numbers.items() if tag not in required]
    return sorted(others, key=lambda each: (-each[1], each[0]))[:MAX_TAGS]


def _count_counts(images: Iterable[ImageSummary], tag: str) -> list[tuple[int, int]]:
    return sorted(Counter(image.tags[tag] for image in images if tag in image.tags).items())


def _list_required(query: Query) -> set[str]:
    """Return the tags that each match has."""
    return {clause[0].tag for clause in query.clauses if len(clause) == 1 and clause[0].implies_tag}
