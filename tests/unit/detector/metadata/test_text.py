import pytest

from detector.metadata.text import clean_text, decode_text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        ("Tōkyō".encode(), "Tōkyō"),
        ("Zürich".encode("cp1252"), "Zürich"),
        ("Café".encode("cp1252"), "Café"),
        ("Tōkyō".encode()[:-1], "Tōky"),
        (b"\x81\x8d", "\ufffd\ufffd"),
        ("Tokyo".encode("utf-16-le"), "Tokyo"),
        ("Tokyo".encode("utf-16-le")[:-1], "Tokyo"),
        ("Tōkyō".encode("utf-8-sig"), "\ufeffTōkyō"),
    ],
)
def test_decode_text_recognises_the_character_set(raw: bytes, text: str) -> None:
    assert decode_text(raw) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  In\tTokyo\r\n1 ", "In Tokyo 1"),
        ("\0Tokyo\0rest", "Tokyo"),
        ("\ufeffT\u202eo\ud800k\x07yo", "Tok yo"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("x" * 3000, "x" * 2000),
        ("\0\0", ""),
    ],
)
def test_clean_text_removes_what_cannot_be_shown(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


def test_clean_text_with_lines_keeps_line_breaks() -> None:
    assert clean_text(" In  Tokyo \r\nin\vsummer\r\u2028 ", lines=True) == "In Tokyo\nin summer"


def test_clean_text_removes_a_blank_at_the_limit() -> None:
    assert clean_text("In Tokyo", 3) == "In"
    assert clean_text("In Tokyo", 3, lines=True) == "In"
