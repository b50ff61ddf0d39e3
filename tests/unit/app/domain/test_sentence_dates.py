import pytest

from app.domain.sentence_dates import read_period


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
        ("after", "", 0),
        ("dog", "", 0),
    ],
)
def test_read_period_returns_the_period_and_its_words(text: str, period: str, length: int) -> None:
    found, words = read_period(text.split(), 0)

    assert (found.format("taken") if found else "", words) == (period, length)
