import pytest

from app.api.media_types import read_qualities


@pytest.mark.parametrize(
    ("header", "qualities"),
    [
        ("", {}),
        ("text/html", {"text/html": 1}),
        ("TEXT/HTML;Q=0.5", {"text/html": 0.5}),
        ("text/html ; q=0.5\t, */*;q=0", {"text/html": 0.5, "*/*": 0}),
        ('text/html;level="1;q=0, a";q=0.3, gzip', {"text/html": 0.3, "gzip": 1}),
        (r'text/html;x="\"";q=0.3', {"text/html": 0.3}),
        ("a/b;v=1;q=0.1,a/b;v=2;q=0.2", {"a/b": 0.2}),
        (",a,, b ,", {"a": 1, "b": 1}),
        ("gzip;q=1.000, br;q=0.", {"gzip": 1, "br": 0}),
        ("gzip;q=2, br;q=x, zstd;q=", {"gzip": 1, "br": 1}),
        ("a;;q=0", {"a": 0}),
        ("a," * 499 + "b,c,d", {"a": 1, "b": 1}),  # the rest is not read
    ],
)
def test_qualities_are_read(header: str, qualities: dict[str, float]) -> None:
    assert read_qualities(header) == qualities
