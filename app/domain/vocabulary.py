"""Finds the tags that a word or a phrase means: tags of a library, by their names and by other words for them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Final

from app.domain.clauses import MAX_ALTERNATIVES
from app.domain.inflections import list_forms
from app.domain.spelling import find_similar
from app.domain.synonyms import GROUP_WORDS, GROUPS, PAIRS, WORDS
from app.domain.tags import TagTotal

MAX_PHRASE: Final = 4  # words

_MAX_COMPARED_TAGS: Final = 1_000
_WORD: Final = re.compile(r"\d+|[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[+,&|/!;-]")

_POSSESSIVE: Final = re.compile(r"(?<=[^\W\d_])['\u2019]s?$")

Meaning = tuple[tuple[str, ...], ...]
"""Alternative tags, for each condition. `(("person",), ("cat", "dog"))` means a person, and a cat or a dog."""


class Certainty(IntEnum):
    """How words are understood. Each level includes the ones before."""

    SURE = 0  # names of tags, other words for them, and their last words
    PARTS = 1  # also other words in the names of tags
    SPELLING = 2  # also words with mistakes and beginnings of words


def split_words(text: str) -> list[str]:
    """Return the words, numbers and signs of a text. Hyphens are left out, except between numbers."""
    words = [_POSSESSIVE.sub("", word) for word in _WORD.findall(text.casefold().replace("\u2013", "-"))]
    numbers = [word.isdecimal() for word in ["", *words, ""]]
    return [word for index, word in enumerate(words, 1) if word != "-" or (numbers[index - 1] and numbers[index + 1])]


class Vocabulary:
    """The words for the tags of a library."""

    def __init__(self, totals: Iterable[TagTotal]) -> None:
        self._images = {total.tag: total.images for total in totals if total.images}
        self._names: dict[str, str] = {}
        self._parts: defaultdict[str, list[str]] = defaultdict(list)
        self._heads: defaultdict[str, list[str]] = defaultdict(list)
        for tag in self._images:
            words = split_words(tag)
            self._names |= dict.fromkeys((" ".join(words), "".join(words)), tag)
            if len(words) > 1:
                self._heads[words[-1]].append(tag)
                for word in words[:-1]:
                    self._parts[word].append(tag)
        self._names |= {tag: tag for tag in self._images}
        self._index: dict[str, list[str]] | None = None

    def has(self, tag: str) -> bool:
        """Return whether an image of the library has this tag."""
        return tag in self._images

    def has_name(self, words: Sequence[str]) -> bool:
        """Return whether these words are the whole name of a tag of the library."""
        return " ".join(words) in self._names

    def find(self, words: Sequence[str], certainty: Certainty) -> Meaning | None:
        """Return what words mean together, or None."""
        return next(iter(self.list_meanings(words, certainty)), None)

    def list_meanings(self, words: Sequence[str], certainty: Certainty) -> list[Meaning]:
        """Return the possible meanings of words together, the most probable one first."""
        forms = list_forms(" ".join(words))
        meanings = [meaning for form in forms if (meaning := self._find_form(form))]
        if len(words) == 1:
            meanings += [(tuple(tags),) for form in forms if (tags := self._choose(self._heads.get(form, ())))]
            if certainty >= Certainty.PARTS:
                meanings += [(tuple(tags),) for form in forms if (tags := self._choose(self._parts.get(form, ())))]
            if certainty >= Certainty.SPELLING and not meanings:
                similar = [*find_similar(words[0], self._index_names()), *find_similar(words[0], _index_words())]
                meanings += [meaning for word in similar if (meaning := self._find_form(word))]
        return list(dict.fromkeys(meanings))

    def _find_form(self, form: str) -> Meaning | None:
        tag = self._names.get(form) or self._names.get(form.replace(" ", ""))
        if tag:
            return ((tag,),)
        meaning = _read_table().get(form) or _read_table().get(form.replace(" ", ""), ())
        present = tuple(tuple(tags) for alternatives in meaning if (tags := self._choose(alternatives)))
        return present or None

    def _choose(self, tags: Iterable[str]) -> list[str]:
        """Return the tags that the library has, the most frequent ones first, as many as a clause may have."""
        return sorted(filter(self.has, tags), key=lambda tag: -self._images[tag])[:MAX_ALTERNATIVES]

    def _index_names(self) -> dict[str, list[str]]:
        if self._index is None:
            self._index = _index([name for name in list(self._names)[:_MAX_COMPARED_TAGS] if name])
        return self._index


@lru_cache(maxsize=1)
def _read_table() -> Mapping[str, Meaning]:
    """Return the meaning of each word in the tables, with and without spaces."""
    meanings: dict[str, Meaning] = {}
    for group, tags in GROUPS.items():
        names = [group, *_list(GROUP_WORDS.get(group, ""))]
        meanings |= dict.fromkeys(names, (tuple(_list(tags)),))
    for tags, words in PAIRS.items():
        meanings |= dict.fromkeys(_list(words), tuple((tag,) for tag in _list(tags)))
    for tag, words in WORDS.items():
        meanings |= dict.fromkeys([tag, *_list(words)], ((tag,),))
    return {word.replace(" ", ""): meaning for word, meaning in meanings.items()} | meanings


@lru_cache(maxsize=1)
def _index_words() -> dict[str, list[str]]:
    return _index(_read_table())


def _index(words: Iterable[str]) -> dict[str, list[str]]:
    """Group words by their first letter."""
    index: dict[str, list[str]] = {}
    for word in words:
        index.setdefault(word[0], []).append(word)
    return index


def _list(text: str) -> list[str]:
    return text.split(", ") if text else []
