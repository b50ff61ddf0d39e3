"""Contains the holidays that have the same date each year, by the words that sentences have for them.

The dates are those of 5 U.S.C. 6103 for the United States and of the Banking and Financial Dealings Act 1971 for the
United Kingdom. The others are those of the calendar of saints, and of the custom in the countries that celebrate them.
"""

from datetime import date, timedelta
from typing import Final

_DAYS: Final[dict[str, tuple[int, int]]] = {
    "epiphany": (1, 6),
    "australia day": (1, 26),
    "groundhog day": (2, 2),
    "valentine": (2, 14),
    "st patrick": (3, 17),
    "april fools": (4, 1),
    "earth day": (4, 22),
    "anzac day": (4, 25),
    "may day": (5, 1),
    "cinco de mayo": (5, 5),
    "juneteenth": (6, 19),
    "canada day": (7, 1),
    "independence day": (7, 4),
    "bastille day": (7, 14),
    "halloween": (10, 31),
    "all saints": (11, 1),
    "bonfire night": (11, 5),
    "veterans day": (11, 11),
    "st nicholas": (12, 6),
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "boxing day": (12, 26),
    "new year eve": (12, 31),
    "new year day": (1, 1),
}
"""The month and the day of each holiday. Names have the form that `split_words` gives them: without `'s`."""

_SEVERAL: Final[dict[str, tuple[tuple[int, int], int]]] = {
    "christmas": ((12, 24), 3),
    "new year": ((1, 1), 2),
    "day of the dead": ((11, 1), 2),
}
"""The first day of a holiday of several days, and their number. New Year begins on the day before."""

_OTHER_NAMES: Final = {
    "valentine": "valentines, valentine day, valentines day, saint valentine, st valentine, st valentine day",
    "st patrick": "saint patrick, st patrick day, saint patrick day, st patricks day, st paddy day, paddy day",
    "april fools": "april fools day, april fool, april fool day",
    "independence day": "fourth of july",
    "all saints": "all saints day, all hallows, all hallows day",
    "bonfire night": "guy fawkes night, guy fawkes day, guy fawkes",
    "halloween": "all hallows eve",
    "veterans day": "veteran day, remembrance day, armistice day",
    "st nicholas": "saint nicholas, st nicholas day, saint nicholas day",
    "christmas": "xmas, x mas",
    "christmas eve": "xmas eve",
    "christmas day": "xmas day",
    "new year eve": "new years eve, hogmanay, silvester",
    "new year day": "new years day",
    "new year": "new years",
}

NAMES: Final = {
    **{name: name for name in (*_DAYS, *_SEVERAL)},
    **{other: name for name, others in _OTHER_NAMES.items() for other in others.split(", ")},
}
"""The holiday that each name means."""


def find_holiday(name: str, year: int) -> tuple[date, date]:
    """Return the first and the last day of the holiday with one of the `NAMES` in a year."""
    holiday = NAMES[name]
    (month, day), days = _SEVERAL.get(holiday) or (_DAYS[holiday], 1)
    first = date(year, month, day) - timedelta(days=holiday == "new year")
    return first, first + timedelta(days=days - 1)
