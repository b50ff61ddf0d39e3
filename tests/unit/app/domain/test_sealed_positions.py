from base64 import urlsafe_b64decode

import pytest

from app.domain.ids import EXAMPLE_KEY
from app.domain.sealed_positions import MAX_SEALED, Position, seal, unseal

SECRET = b"s" * 32


@pytest.mark.parametrize("position", [Position(), Position(EXAMPLE_KEY, 60), Position("placed:60", 58)])
def test_sealed_position_is_opened_with_its_secret(position: Position) -> None:
    text = seal(position, SECRET)

    assert unseal(text, SECRET) == position
    assert unseal(text, b"t" * 32) is None
    assert len(text) < MAX_SEALED


def test_sealed_position_reveals_no_time() -> None:
    text = seal(Position(EXAMPLE_KEY, 60), SECRET)

    assert b"2019" not in urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert text != seal(Position(EXAMPLE_KEY, 60), SECRET)


@pytest.mark.parametrize("change", [lambda text: text[:-2], lambda text: "A" + text, lambda _: "", lambda _: "é"])
def test_altered_position_is_not_opened(change: object) -> None:
    assert callable(change)

    assert unseal(change(seal(Position("x", 1), SECRET)), SECRET) is None


def test_long_text_is_no_position() -> None:
    assert unseal("A" * (MAX_SEALED + 1), SECRET) is None
