import re

import pytest

from app.domain.api_keys import TOKENS
from app.domain.ids import EXAMPLE_ID
from app.domain.owner_tokens import RowAddress

OWNER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
FORM = re.compile("pixtag_[0-9A-Za-z]{22}[0-7][0-9a-hjkmnp-tv-z]{25}_[0-9A-Za-z]{38}")  # for secret scanners


@pytest.mark.parametrize(
    "owner", [OWNER, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]
)
def test_token_contains_the_owner_and_the_id(owner: str) -> None:
    token = TOKENS.make(owner, EXAMPLE_ID)

    assert FORM.fullmatch(token)
    assert TOKENS.parse(token) == RowAddress(owner, EXAMPLE_ID)


def test_tokens_of_a_key_have_different_secrets() -> None:
    assert len({TOKENS.make(OWNER, EXAMPLE_ID).rpartition("_")[2][:32] for _ in range(100)}) == 100


def test_token_with_a_changed_character_is_not_parsed() -> None:
    token = TOKENS.make(OWNER, EXAMPLE_ID)
    changed = [f"{token[:at]}{'0' if token[at] != '0' else '1'}{token[at + 1 :]}" for at in range(len(token))]

    assert [TOKENS.parse(each) for each in changed] == [None] * len(token)


@pytest.mark.parametrize("text", ["", "pixtag_", "x" * 10_000, "pixtag_" + "z" * 22 + EXAMPLE_ID + "_" + "0" * 38])
def test_other_text_is_not_parsed(text: str) -> None:
    assert TOKENS.parse(text) is None


def test_token_with_an_owner_above_128_bits_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """62 to the power of 22 is more than 2 to the power of 128, so some texts name no owner."""
    monkeypatch.setattr("app.domain.owner_tokens._sum_up", lambda text: "000000")

    assert TOKENS.parse(f"pixtag_{'z' * 22}{EXAMPLE_ID}_{'0' * 38}") is None
