"""Chooses the language of a page: the one that the person has chosen, or what the browser accepts."""

import re
from typing import Annotated, Final

from fastapi import Depends, Request

LANGUAGES: Final = ("en", "de")  # the first is for browsers that accept none; static/src/language.ts has the same
COOKIE: Final = "pixtag-language"
VARY: Final = "Accept-Language, Cookie"

# A language range with a weight (RFC 9110, sections 12.4.2 and 12.5.4). Regions and scripts make no difference here.
_RANGE: Final = re.compile(
    r"[ \t]*(?P<language>[a-z]{1,8}|\*)(?:-[a-z0-9]{1,8})*[ \t]*"
    r"(?:;[ \t]*q=(?P<weight>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*)?",
    re.IGNORECASE,
)


def choose_language(request: Request) -> str:
    """Return the language of the person who sends a request."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else find_best(request.headers.get("Accept-Language", ""))


async def language(request: Request) -> str:
    """Return the language of the person who sends a request."""
    return choose_language(request)


LanguageDep = Annotated[str, Depends(language)]


def find_best(accepted: str) -> str:
    """Return the language that an Accept-Language header prefers. Of equal weights, the first is preferred."""
    weights: dict[str, tuple[float, int]] = {}
    for index, text in enumerate(accepted.split(",")):
        if match := _RANGE.fullmatch(text):
            weight = (float(match["weight"] or 1), -index)
            language = match["language"].lower()
            weights[language] = max(weight, weights.get(language, weight))
    unnamed = weights.get("*", (0.0, 0))
    return max(LANGUAGES, key=lambda language: weights.get(language, unnamed))
