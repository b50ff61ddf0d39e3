"""Finds other forms of English nouns: the singular of a plural, and the plural."""

from typing import Final

_IRREGULAR: Final = {
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "geese": "goose",
    "feet": "foot",
    "teeth": "tooth",
    "oxen": "ox",
    "persons": "person",
    "policemen": "policeman",
    "firemen": "fireman",
    "fishermen": "fisherman",
}
_HISSES: Final = ("ches", "shes", "sses", "xes", "zes", "uses", "oes")
_MIN_LETTERS: Final = 3


def list_forms(text: str) -> list[str]:
    """Return the text, its possible singulars, and its plurals. Only its last word is changed."""
    start, _, word = text.rpartition(" ")
    before = f"{start} " if start else ""
    return [before + form for form in dict.fromkeys([word, *_find_singulars(word), *_find_plurals(word)])]


def _find_singulars(word: str) -> list[str]:
    if word in _IRREGULAR:
        return [_IRREGULAR[word]]
    if len(word) <= _MIN_LETTERS or not word.endswith("s") or word.endswith("ss"):
        return []
    singulars = [word[:-1]]
    if word.endswith("ies"):
        singulars.insert(0, f"{word[:-3]}y")
    elif word.endswith("ves"):
        singulars = [f"{word[:-3]}fe", f"{word[:-3]}f", *singulars]
    elif word.endswith(_HISSES):
        singulars.insert(0, word[:-2])
    return singulars


def _find_plurals(word: str) -> list[str]:
    plurals = [plural for plural, singular in _IRREGULAR.items() if singular == word]
    return [*plurals, f"{word}s", f"{word}es", *([f"{word[:-1]}ies"] if word.endswith("y") else [])]
