"""The language of pages."""

import re
from pathlib import Path

import pytest
from starlette.requests import Request

from app.api.languages import COOKIE, LANGUAGES, choose_language, find_best
from app.api.mail_link_texts import TEXTS

LANGUAGE_TS = Path(__file__).parents[4] / "static" / "src" / "language.ts"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("DE-at", "de"),
        ("de-Latn-CH-1996, en;q=0.9", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr,de;q=0.4,en;q=0.3", "de"),
        ("de;q=0.3,en;q=0.30", "de"),
        ("en;q=0.3 , de ; Q=0.301", "de"),
        ("en;q=0.8,de;q=0.2,de-CH;q=0.9", "de"),
        ("fr", "en"),
        ("*", "en"),
        ("en;q=0, *", "de"),
        ("de, *", "de"),
        ("de;q=0, *;q=0.1", "en"),
        ("de;q=0", "en"),
        ("de;q=2", "en"),
        ("de;q=0.1234,en;q=0.1", "en"),
        ("de;level=1", "en"),
        ("deutsch-zu-schreiben", "en"),
        (",;, ,de,", "de"),
        ("d" * 9, "en"),
        ("🇩🇪", "en"),
    ],
)
def test_find_best_follows_weights_and_then_order(accepted: str, language: str) -> None:
    assert find_best(accepted) == language


@pytest.mark.parametrize(("chosen", "language"), [("en", "en"), ("de", "de"), ("fr", "de"), ("../en", "de")])
def test_choose_language_prefers_the_cookie_if_it_names_a_language(chosen: str, language: str) -> None:
    headers = [(b"cookie", f"{COOKIE}={chosen}".encode()), (b"accept-language", b"de")]

    assert choose_language(Request({"type": "http", "headers": headers})) == language


def test_languages_match_those_of_front_end() -> None:
    source = LANGUAGE_TS.read_text()

    assert set(re.findall(r'"([a-z]{2})"', re.findall(r"LANGUAGES.*= \[(.*?)\]", source)[0])) == set(LANGUAGES)
    assert f'"{COOKIE}"' in source


def test_pages_of_mail_links_have_texts_in_each_language() -> None:
    assert set(TEXTS) == set(LANGUAGES)
