"""Suggests other queries if a query names an unknown tag or finds nothing, and counts their images."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import islice
from typing import Final

from app.domain.images import ImageSummary
from app.domain.marks import find_title, is_mark, title_key, title_mark
from app.domain.pages import Page
from app.domain.plans import indexed_clauses
from app.domain.ports import Albums, Images
from app.domain.query import Query, query_any
from app.domain.suggestions import MAX_SUGGESTIONS, Candidate, find_unknown, read_text, suggest, suggest_text
from app.domain.tags import MAX_TAG_LENGTH
from app.domain.terms import Term

_MAX_CHECKED: Final = 4  # tags of a query with results
_COUNTED: Final = 20  # matches of a suggestion
_FEW: Final = 60  # rows on two pages
_MAX_PAGES: Final = 16  # for all suggestions
_TEXT_PAGES: Final = 5  # of 620 rows, for the suggestion to look for words in texts


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A query that a person may mean.

    Attributes:
        query: The query.
        images: The number of its images, or a lower bound.
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
    are known. Otherwise, the totals of all tags are read once, and each suggestion reads a few pages of rows. If it
    finds nothing, and a text contains its unknown words, a search for these words in texts is among the suggestions.
    """
    if first_page.images or first_page.cursor:
        known = {tag for image in first_page.images for tag in image.tags}
        others = islice((tag for tag in _list_tags(query) if tag not in known and not is_mark(tag)), _MAX_CHECKED)
        if all(images.count_tag(owner, tag).images for tag in others):
            return []
    candidates = suggest(text, query, totals := images.count_tags(owner))
    if first_page.images:  # a query without one of its terms is not better
        candidates = [candidate for candidate in candidates if not candidate.ignored]
    counter = _Counter(images, owner, {total.tag: total.images for total in totals})
    suggestions = counter.count_all(candidates)
    in_texts = suggest_text(query, totals, candidates[0] if candidates else None)
    if not in_texts or first_page.images:
        return suggestions
    is_answered = any(each.images or each.query.texts for each in suggestions)
    is_understood = is_answered and not candidates[0].ignored
    found = counter.count_in_texts(in_texts, is_understood=is_understood)
    return _add(suggestions, found, is_understood=is_understood)


def suggest_albums(images: Images, albums: Albums, owner: str, query: Query) -> list[Suggestion]:
    """Return queries with similar titles of existing albums in place of the first unknown title of a query."""
    unknown = (title for tag in _list_tags(query) if (title := find_title(tag)))
    for title in unknown:
        by_key = {album.key: album for album in albums.list(owner)}
        if title_key(title) not in by_key:
            similar = get_close_matches(title_key(title), by_key, MAX_SUGGESTIONS)
            counter = _Counter(images, owner, {})
            return counter.count_all(Candidate(_rename_album(query, title, by_key[key].title)) for key in similar)
    return []


def _rename_album(query: Query, old: str, new: str) -> Query:
    def rename(term: Term) -> Term:
        return replace(term, tag=title_mark(new)) if find_title(term.tag) == old else term

    return replace(query, clauses=tuple(tuple(map(rename, clause)) for clause in query.clauses))


def suggest_for_alert(images: Images, owner: str, text: str, query: Query) -> list[Suggestion]:
    """Return suggestions for a subscription if its query names a tag that no image has."""
    totals = images.count_tags(owner)
    counter = _Counter(images, owner, {total.tag: total.images for total in totals})
    return counter.count_all(suggest(text, query, totals, allows_texts=False)) if find_unknown(query, totals) else []


def _add(suggestions: list[Suggestion], text: Suggestion, *, is_understood: bool) -> list[Suggestion]:
    """Add a search for a text after the other suggestions with images, unless no text contains its words.

    If the words are understood in another way, it must have images.
    """
    if not text.images and (text.is_exact or is_understood):
        return suggestions
    certain = [each for each in suggestions if each.images or not each.is_exact][: MAX_SUGGESTIONS - 1]
    others = [each for each in suggestions if each not in certain]
    return [*certain, text, *others][:MAX_SUGGESTIONS]


def correct_sentence(images: Images, owner: str, text: str) -> str | None:
    """Return the query that a sentence means which is too long for the name of a tag. Return None for other texts."""
    if len(text.strip()) <= MAX_TAG_LENGTH:
        return None
    candidates = read_text(text, images.count_tags(owner))
    return str(candidates[0].query) if candidates else None


def _list_tags(query: Query) -> list[str]:
    return list(dict.fromkeys(term.tag for clause in query.clauses for term in clause))


@dataclass(slots=True)
class _Counter:
    """Counts the matches of queries. All of them together read `_MAX_PAGES` pages of rows at most."""

    images: Images
    owner: str
    totals: Mapping[str, int]
    pages: int = _MAX_PAGES

    def count_all(self, candidates: Iterable[Candidate]) -> list[Suggestion]:
        """Count candidates. Those without images come last."""
        found = [Suggestion(each.query, *self.count(each.query), each.ignored) for each in candidates]
        return sorted(found, key=lambda suggestion: suggestion.is_exact and not suggestion.images)

    def count_in_texts(self, candidate: Candidate, *, is_understood: bool) -> Suggestion:
        """Count the matches of a query with a condition on texts. `_TEXT_PAGES` pages of rows are read, or two.

        Two are enough if the words are understood in another way. A year of a small library has no more pages, and that
        of a large library should not cost more.
        """
        pages = 2 if is_understood or candidate.query.taken else _TEXT_PAGES
        page = self.images.search(self.owner, candidate.query, _COUNTED, max_pages=pages)
        return Suggestion(candidate.query, len(page.images), page.cursor is None, candidate.ignored)

    def count(self, query: Query) -> tuple[int, bool]:
        """Return the number of matches, or a lower bound, and whether it is exact. For plain tags, nothing is read."""
        tags = _list_tags(query)
        if query == query_any(tags) and not any(map(is_mark, tags)):
            return max(self.totals.get(tag, 0) for tag in tags), len(tags) == 1
        pages = self._choose_pages(query)
        if pages > self.pages:
            return 0, False
        self.pages -= pages
        page = self.images.search(self.owner, query, _COUNTED, max_pages=pages, totals=self.totals)
        return len(page.images), page.cursor is None

    def _choose_pages(self, query: Query) -> int:
        """Return how many pages to read: one for each alternative, and two if they contain all rows or have no tag.

        So a tag with many images costs as much as one with few.
        """
        rows = [sum(self.totals.get(term.tag, 0) for term in clause) for clause in indexed_clauses(query)]
        is_large = min(rows, default=0) > _FEW and not query.texts
        return max([1 if is_large else 2, *map(len, query.clauses)])
