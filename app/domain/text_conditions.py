"""Defines conditions on the texts of a photo, and parses and writes them: `name:img_2034`, `title:"at the sea"`."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.errors import InvalidQuery
from app.domain.tags import normalize
from app.domain.texts import PhotoTexts, fold

MAX_CONDITIONS: Final = 5
MAX_WORDS: Final = 8


class TextField(StrEnum):
    """The name of a condition on a text. `TEXT` stands for the name, the title and the description."""

    NAME = "name"
    TITLE = "title"
    CAMERA = "camera"
    LENS = "lens"
    TEXT = "text"


FIELD: Final = rf"(?P<field>{'|'.join(TextField)})\s*:\s*"
_CONDITION: Final = re.compile(rf"\s*{FIELD}", re.IGNORECASE)
_QUOTED: Final = re.compile(r'"(?P<words>(?:[^"]|"")*)"\s*')
_SPECIAL: Final = re.compile(r'[|"()]')


@dataclass(frozen=True, slots=True)
class TextCondition:
    """A condition that a text of a photo contains each of the words. A phrase in quotes is one word with spaces."""

    field: TextField
    words: tuple[str, ...]

    def holds(self, texts: PhotoTexts) -> bool:
        """Return whether the condition is met. Case and accents do not matter."""
        text = {
            TextField.NAME: texts.name,
            TextField.TITLE: texts.title,
            TextField.CAMERA: texts.camera,
            TextField.LENS: texts.lens,
            TextField.TEXT: f"{texts.name}\n{texts.title}\n{texts.description}",
        }[self.field]
        return all(fold(word) in text for word in self.words)

    def __str__(self) -> str:
        return f"{self.field}:{self.value}"

    @property
    def value(self) -> str:
        """The words as a query contains them."""
        if len(self.words) == 1 and re.search(r'[\s,|"()]', self.words[0]):
            return _quote(self.words[0])
        return " ".join(self.words)


def parse_text_condition(text: str, start: int, end: int) -> TextCondition | None:
    """Parse the condition in `text[start:end]`. Return None if it does not begin with the name of a text and a colon.

    Raises:
        InvalidQuery: the condition is not valid.
    """
    match = _CONDITION.match(text, start, end)
    if not match:
        return None
    value = match.end()
    quoted = _QUOTED.match(text, value, end)
    if quoted and quoted.end() != end:
        raise InvalidQuery("Expected a comma after the text", text, quoted.end())
    words = [quoted["words"].replace('""', '"')] if quoted else text[value:end].split()
    words = [normal for word in words if fold(normal := normalize(word).strip())]  # accents alone are in each text
    if not words:
        raise InvalidQuery(f"Expected words after '{match['field']}:'", text, value)
    if len(words) > MAX_WORDS:
        raise InvalidQuery(f"Use at most {MAX_WORDS} words in a condition", text, value)
    if not quoted and (special := _SPECIAL.search(text, value, end)):
        suggestion = f"{text[:value]}{_quote(text[value:end].strip())}{text[end:]}"
        raise InvalidQuery(
            f"Write quotes around a text that contains '{special[0]}'", text, special.start(), suggestion
        )
    return TextCondition(TextField(match["field"].lower()), tuple(words))


def refuse_text_condition(text: str, start: int, end: int) -> None:
    """Check that the term in `text[start:end]` is not a condition on a text, because it is negated or an alternative.

    Raises:
        InvalidQuery: it is one.
    """
    if match := _CONDITION.match(text, start, end):
        field = match["field"]
        message = f"Write '{field}:' between commas. It cannot be negated, in parentheses or an alternative"
        raise InvalidQuery(message, text, match.start("field"))


def _quote(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""'))
