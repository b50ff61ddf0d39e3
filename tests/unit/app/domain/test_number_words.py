import pytest

from app.domain.number_words import read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("12", 12),
        ("9999", 9999),
        ("10000", None),
        ("\N{ARABIC-INDIC DIGIT TWO}", 2),
        ("²", None),
        ("two", 2),
        ("Nineteen", 19),
        ("thirty", 30),
        ("ninety-nine", 99),
        ("dozen", 12),
        ("dog", None),
        ("", None),
    ],
)
def test_read_number_returns_the_number_or_none(text: str, number: int | None) -> None:
    assert read_number(text) == number
