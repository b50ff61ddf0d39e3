"""Reads the names of cameras in sentences: `my Canon`, `photos from my iPhone 12`, `taken with a Nikon D750`."""

import re
from collections.abc import Sequence
from typing import Final

from app.domain import sentence_words as english
from app.domain.cameras import CAMERA_WORDS, CAMERAS, NUMBERED
from app.domain.text_conditions import TextCondition, TextField
from app.domain.vocabulary import Certainty, Vocabulary

_MAX_NAME: Final = max(map(len, CAMERAS))  # words
_MODEL: Final = re.compile(r"[a-z] (\d{1,4})(?!\S)|(\d{1,4}) [a-z](?!\S)|(?P<alone>\d{1,2})(?!\S)")


def read_camera(words: Sequence[str], position: int, vocabulary: Vocabulary) -> tuple[TextCondition | None, int]:
    """Return the condition for the camera whose name is at a position, and the number of its words, or None and 0.

    A word that can also mean a tag, such as iPhone, is a camera only if the words around it say so.
    """
    name = _find_name(words, position)
    if not name or vocabulary.has_name(name):
        return None, 0
    end = position + len(name)
    if vocabulary.find(name, Certainty.SURE) and not _is_taken_with(words, position, end):
        return None, 0
    number, length = _read_model(words, end, is_numbered=name[0] in NUMBERED)
    end += length
    text = CAMERAS[name]
    condition = TextCondition(TextField.CAMERA, (text, number) if number and (text,) == name else (text,))
    return condition, end - position + bool(CAMERA_WORDS.intersection(words[end : end + 1]))


def _find_name(words: Sequence[str], position: int) -> tuple[str, ...]:
    names = (tuple(words[position : position + size]) for size in range(_MAX_NAME, 0, -1))
    return next((name for name in names if name in CAMERAS), ())


def _is_taken_with(words: Sequence[str], start: int, end: int) -> bool:
    """Return whether the words around a name say that photos were taken with it: `from my iPhone`."""
    before = [word for word in words[max(0, start - 3) : start] if word not in english.DETERMINERS]
    return (
        bool(english.OWN.intersection(before[-1:]))
        or bool(english.WITH_TOOL.intersection(before[-1:]))
        or bool(english.TAKING.intersection(before[-2:]))
        or bool(english.PHOTOS.intersection(words[end : end + 1]))
    )


def _read_model(words: Sequence[str], position: int, *, is_numbered: bool) -> tuple[str, int]:
    """Return the number of a model such as D750, 5D or, for numbered models, 12. Also return how many words it has."""
    match = _MODEL.match(" ".join(words[position : position + 2]))
    if not match or (match["alone"] and not is_numbered):
        return "", 0
    return next(filter(None, match.groups())), 1 if match["alone"] else 2
