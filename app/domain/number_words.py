"""Reads numbers in digits and in English words."""

from typing import Final

_ONES: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS: Final = {
    **{word: number for number, word in enumerate(_ONES)},
    **{word: 10 * number for number, word in enumerate(_TENS, 2)},
    **{f"{tens}-{_ONES[one]}": 10 * number + one for number, tens in enumerate(_TENS, 2) for one in range(1, 10)},
    "dozen": 12,
    "hundred": 100,
}
_MAX_DIGITS: Final = 4


def read_number(text: str) -> int | None:
    """Return the number in a text such as `2` or `twenty-one`, or None. Digits of all scripts are accepted."""
    if text.isdecimal() and len(text) <= _MAX_DIGITS:
        return int(text)
    return _WORDS.get(text.casefold())
