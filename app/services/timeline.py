"""Counts the months of a library, of a tag or of other matches."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from app.domain.images import MonthTotal
from app.domain.marks import find_title
from app.domain.ports import Images
from app.domain.query import Query
from app.domain.terms import Term

MAX_MATCHES: Final = 500


@dataclass(frozen=True, slots=True)
class Timeline:
    """The months of images, oldest first. It is exact, or it contains only the newest matches."""

    months: list[MonthTotal]
    is_exact: bool


def find_timeline(images: Images, owner: str, query: Query | None) -> Timeline:
    """Return the months of all ready images, or of those that match a query.

    Totals contain the months of the library and of each tag. For other queries, up to `MAX_MATCHES` matches are read.
    """
    if query is None:
        return Timeline(images.count_months(owner), is_exact=True)
    tag = query.clauses[0][0].tag if query.clauses else ""
    if query == Query(((Term(tag),),)) and not find_title(tag):
        return Timeline(images.count_months(owner, tag), is_exact=True)
    page = images.search(owner, query, MAX_MATCHES)
    months = Counter(image.month for image in page.images)
    return Timeline([MonthTotal(*each) for each in sorted(months.items())], is_exact=page.cursor is None)
