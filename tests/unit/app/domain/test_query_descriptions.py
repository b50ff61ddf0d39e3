import pytest

from app.domain.query import parse
from app.domain.query_descriptions import describe


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("dog", "dog"),
        ("cat|dog>=2, !person", "cat or dog (at least 2), no person"),
        ("dog=2, cat<=3, cow:2..5, !bird>=2", "dog (exactly 2), cat (at most 3), cow (2 to 5), not bird (at least 2)"),
        ("taken:2019-07, added:2018..2019", "taken 2019-07, added 2018 to 2019"),
        ("taken>=2019, added<=2018", "taken from 2019, added until 2018"),
        ("dog!, cat>=2!, !bird!", "dog (certain), cat (at least 2 certain), not bird (certain)"),
        ("untagged, undated", "no tags, no date"),
        ("is:favourite|dog, !is:favourite", "a favourite or dog, not a favourite"),
        ('album:"At the sea", !album:Home', 'in the album "At the sea", not in the album "Home"'),
    ],
)
def test_describe_returns_words_without_signs(query: str, text: str) -> None:
    assert describe(parse(query)) == text
