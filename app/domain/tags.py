"""Normalizes tag names, and derives tags and counts from detections and edits."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from app.domain.errors import InvalidTag
from detector import Labeled

MAX_TAGS: Final = 22  # and marks per image: replacing all of them fits in one DynamoDB transaction of 100 actions
MAX_COUNT: Final = 999
MAX_TAG_LENGTH: Final = 64  # of the normal form
MAX_TAG_TEXT: Final = 4 * MAX_TAG_LENGTH  # as typed: up to four code points compose one character
OPERATORS: Final = frozenset(",|:=<>")  # of the query language, so a query cannot contain a tag with such a character
RESERVED_NAMES: Final = frozenset({"untagged"})
KEYWORDS: Final = frozenset({*RESERVED_NAMES, "undated", "taken", "added"})  # of the query language

_JOINERS: Final = frozenset({"\u200c", "\u200d"})  # Persian needs the first, and emoji need the second
_FLAG_LETTERS: Final = range(0xE0020, 0xE0080)  # the flag emoji of England, Scotland and Wales contain them
# Letters, marks and symbols that show nothing: those with the Unicode property Default_Ignorable_Code_Point, the blank
# braille pattern and the null note head. The other invisible characters have the category Cf.
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U0001d159\U000e0000-\U000e0fff]"
)

Tags = Mapping[str, int]
"""Maps tag names to counts."""


@dataclass(frozen=True, slots=True)
class TagEdit:
    """The count that a person set for a tag, and when. A count of 0 rejects the tag.

    After a tag was renamed, only a part of the count may be certain. A `certain` of None means the whole count. The old
    tag is rejected, and `renamed_to` is the tag that replaced it.

    If a decision about a box has changed the edit, `before` is the edit before it. A person who takes the decision back
    gets it again. Backups do not contain it.
    """

    count: int
    at: datetime
    certain: int | None = None
    renamed_to: str | None = None
    before: "TagEdit | None" = field(default=None, compare=False, repr=False)

    @property
    def certain_count(self) -> int:
        """The certain part of the count."""
        return self.count if self.certain is None else min(self.certain, self.count)


@lru_cache(maxsize=1_024)  # reading an image normalizes each of its labels
def tag_name(text: str) -> str:
    """Return the normal form of a tag name. Equivalent texts have the same normal form.

    Raises:
        InvalidTag: the name is empty, longer than `MAX_TAG_LENGTH` or reserved, or it contains a control,
            bidirectional or invisible character or an operator of the query language.
    """
    if len(text) > MAX_TAG_TEXT:  # because normalizing a long text is slow
        raise InvalidTag(f"A tag has 1 to {MAX_TAG_LENGTH} characters. This one has {len(text):,}.")
    name = normalize(text).strip()
    if not 1 <= len(name) <= MAX_TAG_LENGTH:
        raise InvalidTag(f"A tag has 1 to {MAX_TAG_LENGTH} characters. This one has {len(name)}.")
    if refused := next((letter for letter in name if is_refused(letter)), None):
        raise InvalidTag(f"A tag cannot contain the character {refused!a}.")
    if name.startswith("!") or name in RESERVED_NAMES:
        raise InvalidTag(_explain_reserved(name))
    return name


def queried_tag_name(text: str) -> str:
    """Return the normal form of a tag name in a query.

    Raises:
        InvalidTag: see `tag_name`. Or the name is a keyword.
    """
    name = tag_name(text)
    if name in KEYWORDS:
        raise InvalidTag(_explain_reserved(name))
    return name


def new_tag_name(text: str) -> str:
    """Return the normal form of a tag name that a person gives to images.

    Tags of invisible characters alone and keywords may exist from earlier versions, so `tag_name` accepts them.

    Raises:
        InvalidTag: see `queried_tag_name`. Or the name consists of invisible characters alone.
    """
    name = queried_tag_name(text)
    if not any(map(_is_visible, name)):
        raise InvalidTag("A tag needs a visible character. This one has none.")
    return name


def _explain_reserved(name: str) -> str:
    return f"A tag cannot be named {name!r}: it has a meaning in searches."


def _is_visible(letter: str) -> bool:
    return unicodedata.category(letter) not in {"Cf", "Zs"} and not _BLANK.match(letter)


def normalize(text: str) -> str:
    """Return the canonical caseless form of text (Unicode 3.13, D145) in NFC. White space is collapsed.

    The run time can grow with the square of the length, so callers limit the length first.
    """
    folded = unicodedata.normalize("NFD", text).casefold()
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", folded))


def is_refused(letter: str) -> bool:
    """Return whether no tag can contain this character."""
    category = unicodedata.category(letter)
    invisible = category == "Cf" and letter not in _JOINERS and ord(letter) not in _FLAG_LETTERS
    return invisible or category in {"Cc", "Cs", "Co", "Zl", "Zp"} or letter in OPERATORS


def count_labels(objects: Iterable[Labeled]) -> Counter[str]:
    """Count objects by the tags of their labels."""
    return Counter(tag_name(each.label) for each in objects)


def tally_tags(objects: Iterable[Labeled]) -> Tags:
    """Count objects by the tags of their labels. Return the `MAX_TAGS` most frequent tags, up to `MAX_COUNT` each."""
    counts = sorted(count_labels(objects).items(), key=lambda entry: (-entry[1], entry[0]))
    return {tag: min(count, MAX_COUNT) for tag, count in counts[:MAX_TAGS]}


def apply_edits(
    detected: Tags, edits: Mapping[str, TagEdit], keywords: Iterable[str] = (), limit: int = MAX_TAGS
) -> Tags:
    """Return the detected tags and those of the file's keywords, with edits applied. An edit replaces the count.

    At most `limit` tags are returned. Edited tags come first, then detected ones. A keyword that is not detected
    has the count 1.
    """
    edited = {tag: edit.count for tag, edit in edits.items() if edit.count > 0}
    found = dict(detected) | {tag: 1 for tag in keywords if tag not in detected}
    unedited = {tag: count for tag, count in found.items() if tag not in edits}
    return dict([*edited.items(), *unedited.items()][:limit])


def count_certain(tags: Tags, edits: Mapping[str, TagEdit], detected: Tags, keywords: Iterable[str] = ()) -> Tags:
    """Return the certain part of each count, for the tags that have any.

    Args:
        tags: The tags and their counts.
        edits: The counts that people set. They are certain.
        detected: The number of certain detections of each tag.
        keywords: The tags of the file's keywords. An object of each is certain.
    """
    certain = {**detected}
    for tag in keywords:
        certain[tag] = max(1, certain.get(tag, 0))
    for tag, edit in edits.items():
        certain[tag] = max(edit.certain_count, certain.get(tag, 0))
    return {tag: min(count, certain[tag]) for tag, count in tags.items() if certain.get(tag)}


@dataclass(frozen=True, slots=True)
class TagTotal:
    """A tag, the number of images that have it, and the sum of its counts."""

    tag: str
    images: int
    objects: int


def list_shortfalls(required: Tags, tags: Tags) -> list[str]:
    """Describe each required tag that is missing or has too low a count: `dog missing` or `person 1 of 2`."""
    return [
        f"{tag} {tags[tag]} of {count}" if tag in tags else f"{tag} missing"
        for tag, count in required.items()
        if tags.get(tag, 0) < count
    ]


def measure_shortage(required: Tags, tags: Tags) -> float:
    """Return the missing share of each required count, averaged over the tags. The result is from 0 to 1."""
    return sum(1 - min(tags.get(tag, 0), count) / count for tag, count in required.items()) / len(required)


def make_total(tag: str, images: int, objects: int) -> TagTotal:
    """Return the total of stored numbers, even if they are wrong. Neither is negative, and each image has an object."""
    return TagTotal(tag, max(0, images), max(0, images, objects) if images > 0 else 0)
