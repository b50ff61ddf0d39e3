import unicodedata
from dataclasses import replace

import pytest

from app.domain.metadata import dump_metadata, keyword_tag, load_metadata
from app.domain.tags import MAX_TAG_LENGTH, tag_name
from detector.metadata.values import Metadata, Position
from tests.support.fakes import PHOTO_METADATA


@pytest.mark.parametrize("metadata", [PHOTO_METADATA, Metadata(), Metadata(iso=0, position=Position(0.0, 0.0))])
def test_load_metadata_of_dumped_metadata_returns_it(metadata: Metadata) -> None:
    assert load_metadata(dump_metadata(metadata)) == metadata


def test_dump_metadata_contains_only_known_values() -> None:
    assert dump_metadata(Metadata()) == ""
    assert dump_metadata(Metadata(title="é", rating=0)) == '{"title":"é","rating":0}'


def test_dump_metadata_contains_the_source_of_the_time() -> None:
    assert dump_metadata(replace(Metadata(), taken=PHOTO_METADATA.taken)) == '{"taken":"2019-07-28T01:03:00+09:00"}'


@pytest.mark.parametrize(
    ("keyword", "tag"),
    [
        ("Tokyo", "tokyo"),
        ("  New   York ", "new york"),
        ("Places|Japan|Tokyo", "places japan tokyo"),
        ("night, blue", "night blue"),
        ("10:30", "10 30"),
        ("<b>=1", "b 1"),
        ("!important!", "important"),
        ("soft\u00adhyphen", "soft hyphen"),
        ("a\nb\x00c", "a b c"),
        ("cafe\u0301", "café"),
        ("STRASSE", "strasse"),
        ("x" * 100, "x" * MAX_TAG_LENGTH),
        ("x" * (MAX_TAG_LENGTH - 1) + " y", "x" * (MAX_TAG_LENGTH - 1)),
        ("x" * 100_000, "x" * MAX_TAG_LENGTH),
        ("\N{FAMILY}\u200d\N{FAMILY}", "\N{FAMILY}\u200d\N{FAMILY}"),
        ("", None),
        ("!", None),
        (",|:", None),
        ("\u200d", None),
        ("Untagged", None),
        ("\ud800", None),
    ],
)
def test_keyword_tag_replaces_what_tags_refuse(keyword: str, tag: str | None) -> None:
    assert keyword_tag(keyword) == tag


def test_keyword_tag_of_any_character_is_a_tag() -> None:
    letters = (chr(code) for code in range(0, 0x30000, 7))
    tags = [tag for letter in letters if (tag := keyword_tag(f"a{letter}!b"))]

    assert len(tags) > 10_000
    assert all(tag == tag_name(tag) == unicodedata.normalize("NFC", tag) for tag in tags)
