import pytest

from app.domain.holidays import NAMES, find_holiday
from app.domain.periods import Period
from app.domain.sentence_dates import read_period
from app.domain.vocabulary import split_words


@pytest.mark.parametrize(
    ("text", "period", "length"),
    [
        ("2019", "taken:2019", 1),
        ("july 2019", "taken:2019-07", 2),
        ("jul 2019 dog", "taken:2019-07", 2),
        ("july", "", 0),
        ("july dog", "", 0),
        ("1700", "", 0),
        ("2019 to 2020", "taken:2019..2020", 3),
        ("2019 to 2018", "taken:2019", 1),
        ("2019 to dog", "taken:2019", 1),
        ("may 2018 - june 2019", "taken:2018-05..2019-06", 5),
        ("before 2019", "taken<=2018", 2),
        ("until 2019", "taken<=2019", 2),
        ("since july 2019", "taken>=2019-07", 3),
        ("after 2019", "taken>=2020", 2),
        ("14 th july 2019", "taken:2019-07-14", 4),
        ("the 1 st of sept , 2019", "taken:2019-09-01", 7),
        ("july 14 , 2019 dog", "taken:2019-07-14", 4),
        ("july the 4 th 2019", "taken:2019-07-04", 5),
        ("july , 2019", "taken:2019-07", 3),
        ("july of 2019", "taken:2019-07", 3),
        ("29 february 2020", "taken:2020-02-29", 3),
        ("29 february 2019", "", 0),
        ("july 0 2019", "", 0),
        ("2019 - 00 - 14", "taken:2019", 1),
        ("14 july", "", 0),
        ("july 14", "", 0),
        ("14 july 20195", "", 0),
        ("2019 - 07 - 14", "taken:2019-07-14", 5),
        ("2019 - 07 dog", "taken:2019-07", 3),
        ("2019 - 13", "taken:2019", 1),
        ("2018 - 2019", "taken:2018..2019", 3),
        ("1700 - 07", "", 0),
        ("before the 14 th of july 2019", "taken<=2019-07-13", 7),
        ("after july 14 2019", "taken>=2019-07-15", 4),
        ("july 30 2019 to august 2 2019", "taken:2019-07-30..2019-08-02", 7),
        ("summer 2019", "taken:2019-06..2019-08", 2),
        ("spring of 2019", "taken:2019-03..2019-05", 3),
        ("fall 2019", "taken:2019-09..2019-11", 2),
        ("autumn 2019 dog", "taken:2019-09..2019-11", 2),
        ("winter 2019", "taken:2019-12..2020-02", 2),
        ("before summer 2019", "taken<=2019-05", 3),
        ("summer 1700", "", 0),
        ("summer", "", 0),
        ("christmas 2018", "taken:2018-12-24..2018-12-26", 2),
        ("christmas in 2018 dog", "taken:2018-12-24..2018-12-26", 3),
        ("christmas eve 2018", "taken:2018-12-24", 3),
        ("2018 christmas eve", "taken:2018-12-24", 3),
        ("2018 st valentine day", "taken:2018-02-14", 4),
        ("2018 christmas tree", "taken:2018-12-24..2018-12-26", 2),
        ("xmas , 2018", "taken:2018-12-24..2018-12-26", 3),
        ("new year 2019", "taken:2018-12-31..2019-01-01", 3),
        ("new year day 2019", "taken:2019-01-01", 4),
        ("since halloween 2019", "taken>=2019-10-31", 3),
        ("christmas eve 2018 to new year day 2019", "taken:2018-12-24..2019-01-01", 8),
        ("day of the dead 2020", "taken:2020-11-01..2020-11-02", 5),
        ("christmas 1700", "", 0),
        ("christmas", "", 0),
        ("after", "", 0),
        ("dog", "", 0),
    ],
)
def test_read_period_returns_the_period_and_its_words(text: str, period: str, length: int) -> None:
    found, words = read_period(text.split(), 0)

    assert (found.format("taken") if found else "", words) == (period, length)


@pytest.mark.parametrize("name", NAMES)
def test_each_name_of_a_holiday_is_read(name: str) -> None:
    first, last = find_holiday(name, 2020)

    period, length = read_period(split_words(f"{name} 2020"), 0)

    assert period == Period(first, last)
    assert (length, first <= last) == (len(name.split()) + 1, True)
