from dataclasses import fields

import pytest

from app.api.languages import LANGUAGES
from app.api.share_texts import TEXTS, describe
from app.domain.errors import StorageFull, TooManyRequests


def test_every_language_has_all_texts() -> None:
    assert TEXTS.keys() == {*LANGUAGES}
    english, *others = (TEXTS[language] for language in LANGUAGES)
    for other in others:
        assert other.errors.keys() == english.errors.keys()
        same = [each.name for each in fields(english) if getattr(english, each.name) == getattr(other, each.name)]
        assert same == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_error_says_how_long_to_wait(language: str) -> None:
    assert " 7 " in describe(TooManyRequests("Busy.", 7), TEXTS[language])[1]
    assert describe(StorageFull(), TEXTS[language]) == TEXTS[language].later
