"""Suggests other queries if a query names an unknown tag or finds nothing, and counts their images."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from app.domain.images import ImageSummary
from app.domain.pages import Page
from app.domain.ports import Images
from app.domain.query import Query, query_any
from app.domain.suggestions import find_unknown, read_text, suggest
from app.domain.tags import MAX_TAG_LENGTH, TagTotal

_MAX_CHECKED: Final = 4  # tags of a query with results
_COUNTED: Final = 20  # matches of a suggestion
_MIN_PAGES: Final = 2  # of rows, for each suggestion


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A query that a person may mean.

    Attributes:
        query: The query.
        images: The number of its images, or fewer.
        is_exact: Whether it has no more images.
        ignored: The words of the original query that it does not contain.
    """

    query: Query
    images: int
    is_exact: bool
    ignored: tuple[str, ...]


def suggest_for_search(
    images: Images, owner: str, text: str, query: Query, first_page: Page[ImageSummary]
) -> list[Suggestion]:
    """Return suggestions for a search, the most probable one first. Those without images are last.

    The list is empty if the search finds images, and their tags or the first `_MAX_CHECKED` other tags of the query
    are known. Otherwise, the totals of all tags are read once, and each suggestion reads a few pages of rows.
    """
    if first_page.images or first_page.cursor:
        known = {tag for image in first_page.images for tag in image.tags}
        others = islice((tag for tag in _list_tags(query) if tag not in known), _MAX_CHECKED)
        if all(images.count_tag(owner, tag).images for tag in others):
            return []
    totals = images.count_tags(owner)
    return _count_candidates(images, owner, text, query, totals)


def suggest_for_alert(images: Images, owner: str, text: str, query: Query) -> list[Suggestion]:
    """Return suggestions for a subscription if its query names a tag that no image has."""
    totals = images.count_tags(owner)
    return _count_candidates(images, owner, text, query, totals) if find_unknown(query, totals) else []


def correct_sentence(images: Images, owner: str, text: str) -> str | None:
    """Return the query that a sentence means which is too long for the name of a tag. Return None for other texts."""
    if len(text.strip()) <= MAX_TAG_LENGTH:
        return None
    candidates = read_text(text, images.count_tags(owner))
    return str(candidates[0].query) if candidates else None


def _list_tags(query: Query) -> list[str]:
    return list(dict.fromkeys(term.tag for clause in query.clauses for term in clause))


def _count_candidates(
    images: Images, owner: str, text: str, query: Query, totals: Sequence[TagTotal]
) -> list[Suggestion]:
    numbers = {total.tag: total.images for total in totals}
    suggestions = [
        Suggestion(candidate.query, *_count(images, owner, candidate.query, numbers), candidate.ignored)
        for candidate in suggest(text, query, totals)
    ]
    return sorted(suggestions, key=lambda suggestion: not suggestion.images)


def _count(images: Images, owner: str, query: Query, numbers: dict[str, int]) -> tuple[int, bool]:
    """Return the number of matches, or a lower bound, and whether it is exact. For plain tags, nothing is read."""
    tags = _list_tags(query)
    if query == query_any(tags):
        return max(numbers.get(tag, 0) for tag in tags), len(tags) == 1
    pages = max([_MIN_PAGES, *map(len, query.clauses)])
    page = images.search(owner, query, _COUNTED, max_pages=pages)
    return len(page.images), page.cursor is None
