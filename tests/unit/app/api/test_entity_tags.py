import pytest

from app.api.entity_tags import MAX_TAGS, EntityTags, read_tags, weaken
from app.domain.errors import InvalidPrecondition


@pytest.mark.parametrize(
    ("values", "tags"),
    [
        (['"7"'], ('"7"',)),
        (['W/"7"'], ('W/"7"',)),
        (['"7", W/"8" ,\t"9"'], ('"7"', 'W/"8"', '"9"')),
        (['"7"', '"8"'], ('"7"', '"8"')),
        ([',, "7",,'], ('"7"',)),
        (['"a,b", "c"'], ('"a,b"', '"c"')),
        (['""'], ('""',)),
        (['"\xe4"'], ('"\xe4"',)),
        ([""], ()),
        (["*"], None),
        ([" * "], None),
    ],
)
def test_header_is_read_as_a_list(values: list[str], tags: tuple[str, ...] | None) -> None:
    assert read_tags("If-Match", values) == EntityTags(tags)


def test_missing_header_is_no_list() -> None:
    assert read_tags("If-Match", []) is None


@pytest.mark.parametrize(
    "value",
    [
        "7",
        '"7',
        '7"',
        "'7'",
        'w/"7"',
        'W/ "7"',
        '"7" "8"',
        '"7"; "8"',
        '*, "7"',
        "**",
        '"7"x',
        '"a b"',
        '"a\x7f"',
        "W/",
    ],
)
def test_malformed_header_is_refused(value: str) -> None:
    with pytest.raises(InvalidPrecondition, match="If-Match"):
        read_tags("If-Match", [value])


def test_list_of_too_many_tags_is_refused() -> None:
    tags = ['"7"'] * MAX_TAGS

    assert read_tags("If-Match", tags) == EntityTags(('"7"',))
    with pytest.raises(InvalidPrecondition, match="at most 100"):
        read_tags("If-Match", [*tags, '"8"'])


@pytest.mark.parametrize(
    "known", ['"7"', 'W/"7"', '"7-gzip"', 'W/"7-gzip"', '"7--gzip"', '"7-br"', '"7-zstd"', '"7-deflate"']
)
def test_tag_is_found_in_each_form_of_a_proxy(known: str) -> None:
    tags = EntityTags(('"6"', known))

    assert (tags.find('"7"'), tags.find('W/"7"'), tags.find('"8"')) == (known, known, None)
    assert tags.names == {"6", "7"}


def test_asterisk_finds_each_tag() -> None:
    assert EntityTags(None).find('"7"') == '"7"'
    assert EntityTags(None).names == set()


def test_weaken_keeps_weak_tags() -> None:
    assert [weaken('"7"'), weaken('W/"7"')] == ['W/"7"'] * 2
