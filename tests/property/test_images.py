from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidTag
from app.domain.ids import Rendition, created_at, min_id_at, parse_key
from app.domain.images import clean_file_name
from app.domain.tags import TagEdit, apply_edits, tag_name

NOW = datetime(2026, 11, 22, tzinfo=UTC)
tags = st.sampled_from(["dog", "cat", "person", "car"])
detected = st.dictionaries(tags, st.integers(1, 9))
edits = st.dictionaries(tags, st.integers(0, 9).map(lambda count: TagEdit(count, NOW)))


@given(st.text(max_size=80))
def test_a_tags_spelling_is_its_own_spelling(text: str) -> None:
    try:
        name = tag_name(text)
    except InvalidTag:
        return
    assert tag_name(name) == name
    assert tag_name(f"  {text}\n") == name


@given(st.text())
def test_a_file_name_is_short_and_has_no_folder(text: str) -> None:
    name = clean_file_name(text)

    assert 1 <= len(name.encode()) <= 255
    assert not {"/", "\\", "\0", "\r", "\n"} & set(name)


@given(detected, edits)
def test_an_edit_always_has_the_last_word(said: dict[str, int], edited: dict[str, TagEdit]) -> None:
    result = apply_edits(said, edited)

    for tag in said.keys() | edited.keys():
        assert result.get(tag, 0) == (edited[tag].count if tag in edited else said[tag])
    assert 0 not in result.values()


@given(detected, detected, edits)
def test_a_better_model_loses_no_correction(
    old: dict[str, int], new: dict[str, int], edited: dict[str, TagEdit]
) -> None:
    before, after = apply_edits(old, edited), apply_edits(new, edited)

    assert {tag: before.get(tag) for tag in edited} == {tag: after.get(tag) for tag in edited}


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1)))  # noqa: DTZ001 - the zone comes with the next line
def test_ids_keep_time_and_order(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)

    assert abs(created_at(min_id_at(moment)) - moment).total_seconds() <= 0.001
    assert min_id_at(moment) <= min_id_at(max(moment, NOW))


@given(st.uuids(), st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_key_is_read_back_as_it_was_made(owner: object, moment: datetime) -> None:
    image_id = min_id_at(moment)

    assert parse_key(Rendition.INCOMING.key(str(owner), image_id), Rendition.INCOMING) == (str(owner), image_id)
