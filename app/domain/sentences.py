"""Reads English words as a query: `two dogs or a cat on a beach without people`."""

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Final

from app.domain import sentence_words as english
from app.domain.cameras import CAMERAS
from app.domain.clauses import MAX_TERMS, match_any
from app.domain.number_words import read_number
from app.domain.periods import UNLIMITED, Period
from app.domain.sentence_cameras import read_camera
from app.domain.sentence_dates import PERIOD_NAMES, read_period
from app.domain.synonyms import GROUPS
from app.domain.tags import MAX_COUNT
from app.domain.terms import Clause, Term
from app.domain.text_conditions import TextCondition
from app.domain.vocabulary import MAX_PHRASE, Certainty, Meaning, Vocabulary, split_words

MAX_WORDS: Final = 40  # of a sentence
MAX_UNKNOWN: Final = 8  # words that are compared with similar ones
_WILD_OR_FARM_ANIMALS: Final = frozenset(GROUPS["animal"].split(", ")) - frozenset(GROUPS["pet"].split(", "))
_PERSON: Final[Meaning] = (("person",),)

Counts = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence means.

    Attributes:
        clauses: The conditions on tags.
        taken: The time of the photos.
        ignored: The words without a meaning, in their order.
        texts: The conditions on the camera.
        heads: The conditions on tags, without the first parts of compounds: the remote of `tv remote`.
    """

    clauses: tuple[Clause, ...]
    taken: Period = UNLIMITED
    ignored: tuple[str, ...] = ()
    texts: tuple[TextCondition, ...] = ()
    heads: tuple[Clause, ...] = ()


@dataclass(slots=True)
class _Item:
    """Tags in a sentence with their counts."""

    meaning: Meaning
    counts: Counts
    negated: bool
    connector: str  # the word or sign between the item before and this one
    is_part: bool = False  # whether the next word is a tag too, which may be a compound with this one

    def write(self) -> list[Clause]:
        low, high = self.counts
        terms = [tuple(Term(tag, low, high) for tag in alternatives) for alternatives in self.meaning]
        if not self.negated:
            return terms
        negated = [[(Term(term.tag, low, high, negated=True),) for term in clause] for clause in terms]
        return match_any(negated)


def read_sentence(
    text: str, vocabulary: Vocabulary, certainty: Certainty = Certainty.SURE, *, has_cameras: bool = False
) -> Reading:
    """Return what a text means. Without any known word, the reading has no clauses.

    Args:
        text: The text.
        vocabulary: The words for the tags of the library.
        certainty: How the words are understood.
        has_cameras: Whether the names of cameras mean photos that were taken with them.
    """
    return _Reader(split_words(text)[:MAX_WORDS], vocabulary, certainty, has_cameras).read()


@dataclass(slots=True)
class _Reader:
    words: list[str]
    vocabulary: Vocabulary
    certainty: Certainty
    has_cameras: bool
    items: list[_Item] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    texts: list[TextCondition] = field(default_factory=list)
    taken: Period = UNLIMITED
    end_of_tag: int = 0
    counts: Counts | None = None
    comparison: str = ""
    negated: bool = False
    connector: str = ""
    position: int = 0

    def read(self) -> Reading:
        while self.position < len(self.words):
            self.position += (
                self._read_later_comparison()
                or self._read_comparison()
                or self._read_period()
                or self._read_nobody()
                or self._read_camera()
                or self._read_age_of_animal()
                or self._read_tag()
                or self._read_number()
                or self._read_word()
            )
        return Reading(
            tuple(_join_items(self.items)),
            self.taken,
            tuple(dict.fromkeys(self.ignored)),
            tuple(dict.fromkeys(self.texts)),
            tuple(_join_items([item for item in self.items if not item.is_part])),
        )

    def _find_phrase(self, phrases: Container[tuple[str, ...]], position: int | None = None) -> tuple[str, ...]:
        """Return the longest of the phrases that begins at a position, or here."""
        start = self.position if position is None else position
        for size in range(min(MAX_PHRASE, len(self.words) - start), 0, -1):
            if (phrase := tuple(self.words[start : start + size])) in phrases:
                return phrase
        return ()

    def _read_later_comparison(self) -> int:
        phrase = self._find_phrase(english.LATER_COMPARISONS)
        operator = english.LATER_COMPARISONS.get(phrase, "")
        if self.counts:
            self.counts = _compare(operator, self.counts[0]) if operator else self.counts
        elif self.items and operator:
            item = self.items[-1]
            item.counts = _compare(operator, item.counts[0])
        else:
            return 0
        return len(phrase)

    def _read_comparison(self) -> int:
        phrase = self._find_phrase(english.COMPARISONS)
        if not phrase or self._read_amount(self.position + len(phrase)) is None:
            return 0
        self.comparison = english.COMPARISONS[phrase]
        return len(phrase)

    def _read_period(self) -> int:
        rest = self.words[self.position : self.position + MAX_PHRASE]
        phrases = [rest[:size] for size in range(len(rest), 0, -1) if " ".join(rest[:size]) in PERIOD_NAMES]
        if any(map(self.vocabulary.has_name, phrases)):
            return 0
        period, length = read_period(self.words, self.position)
        self.taken = period or self.taken
        return length

    def _read_nobody(self) -> int:
        phrase = self._find_phrase(english.NOBODY)
        if phrase and self.vocabulary.has("person"):
            self.items.append(_Item(_PERSON, (1, None), negated=True, connector=""))
        return len(phrase)

    def _read_camera(self) -> int:
        if not self.has_cameras or self.negated:
            return 0
        condition, length = read_camera(self.words, self.position, self.vocabulary)
        self.texts += [condition] if condition else []
        return length

    def _read_age_of_animal(self) -> int:
        """Skip `baby` in `baby elephant`, which is no person. In `baby cat`, it may be one."""
        word, *rest = self.words[self.position : self.position + 2]
        if word not in english.YOUNG or not rest or self.vocabulary.has(word):
            return 0
        meaning = self.vocabulary.find(rest, min(self.certainty, self._limit_certainty(rest[0]))) or ()
        return int(bool(meaning) and all(tag in _WILD_OR_FARM_ANIMALS for tags in meaning for tag in tags))

    def _read_tag(self) -> int:
        rest = self.words[self.position :]
        for size in range(min(MAX_PHRASE, len(rest)), 0, -1):
            phrase = rest[:size]
            if phrase[0] in english.STOP_WORDS or (size > 1 and phrase[-1] in english.STOP_WORDS):
                continue
            certainty = min(self.certainty, self._limit_certainty(phrase[0]))
            meaning = None if size == 1 and _is_number(phrase[0]) else self.vocabulary.find(phrase, certainty)
            if meaning:
                self._add(meaning)
                self.end_of_tag = self.position + size
                return size
        return 0

    def _limit_certainty(self, word: str) -> Certainty:
        is_name = word in english.PLACES or (word,) in CAMERAS
        is_correct = is_name or word.endswith("ing") or len(self.ignored) >= MAX_UNKNOWN
        return Certainty.PARTS if is_correct else Certainty.SPELLING

    def _add(self, meaning: Meaning) -> None:
        counts = self.counts
        if not counts:
            counts = self.items[-1].counts if self.connector == "or" and self.items else (1, None)
        if self.items and self.end_of_tag == self.position:
            self.items[-1].is_part = True
        self.items.append(_Item(meaning, counts, self.negated, self.connector))
        self.counts, self.comparison, self.connector = None, "", ""

    def _read_number(self) -> int:
        amount = self._read_amount(self.position)
        if not amount:
            return 0
        number, length = amount
        second = self._read_second_number(self.position + length, number)
        if second:
            self.counts = number, second[0]
            return length + second[1]
        self.counts = _compare(self.comparison or ">=", number)
        return length

    def _read_second_number(self, position: int, first: int) -> tuple[int, int] | None:
        """Return the upper end of a range such as `2-3`, `2 to 3` or `two or three`, and the number of its words."""
        if self.words[position : position + 1] not in (["-"], ["to"], ["or"], ["and"]):
            return None
        amount = self._read_amount(position + 1)
        return (amount[0], amount[1] + 1) if amount and amount[0] > first else None

    def _read_amount(self, position: int) -> tuple[int, int] | None:
        """Return the number at a position, and the number of its words."""
        here = tuple(self.words[position : position + MAX_PHRASE])
        phrase = self._find_phrase(english.AMOUNTS, position)
        if phrase:
            return english.AMOUNTS[phrase], len(phrase)
        for size in (2, 1):
            number = read_number("-".join(here[:size])) if len(here) >= size else None
            if number is not None and number < MAX_COUNT:
                return number, size
        return None

    def _read_word(self) -> int:
        word = self.words[self.position]
        if word in english.NEGATIONS:
            self.negated = True
        elif word in english.AFFIRMATIONS or (word in english.PREPOSITIONS and self.items and self.items[-1].negated):
            self.negated = False
        if word in english.OR:
            self.connector = "or"
        elif word in english.AND or word in english.AFFIRMATIONS:
            self.connector = "," if word == "," else "and"
        if word in {"a", "an", "the"}:
            self.counts = (1, None)
        elif word not in english.STOP_WORDS and not _is_number(word):
            self.ignored.append(word)
        return 1


def _join_items(items: list[_Item]) -> list[Clause]:
    """Return the clauses of the items. `cats, dogs or birds` are alternatives of each other."""
    items = items[:MAX_TERMS]
    for before, item in zip(items[-2::-1], items[:0:-1], strict=False):
        if item.connector == "or" and before.connector == ",":
            before.connector = "or"
    clauses: list[Clause] = []
    for item in items:
        if item.connector == "or" and clauses and not item.negated:
            clauses[-1:] = match_any([clauses[-1:], item.write()])
        else:
            clauses += item.write()
    return list(dict.fromkeys(clauses))


def _compare(operator: str, number: int) -> Counts:
    """Return the counts that a comparison with a number means."""
    return {
        ">=": (number, None),
        ">": (number + 1, None),
        "=": (number, number),
        "<=": (0, number),
        "<": (0, max(0, number - 1)),
    }[operator]


def _is_number(word: str) -> bool:
    return read_number(word) is not None
