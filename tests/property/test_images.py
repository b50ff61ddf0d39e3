from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidTag
from app.domain.file_names import clean_file_name
from app.domain.ids import Rendition, created_at, min_id_at, parse_key
from app.domain.tags import TagEdit, apply_edits, tag_name

NOW = datetime(2026, 11, 22, tzinfo=UTC)
tags = st.sampled_from(["dog", "cat", "person", "car"])
detected = st.dictionaries(tags, st.integers(1, 9))
edits = st.dictionaries(tags, st.integers(0, 9).map(lambda count: TagEdit(count, NOW)))


@given(st.text(max_size=80))
def test_tag_name_of_a_tag_name_is_the_same(text: str) -> None:
    try:
        name = tag_name(text)
    except InvalidTag:
        return
    assert tag_name(name) == name
    assert tag_name(f"  {text}\n") == name


@given(st.text())
def test_clean_file_name_of_any_text_is_short_and_has_no_folder(text: str) -> None:
    name = clean_file_name(text)

    assert 1 <= len(name.encode()) <= 255
    assert not {"/", "\\", "\0", "\r", "\n"} & set(name)


@given(detected, edits)
def test_apply_edits_replaces_the_detected_counts_of_edited_tags(
    detected: dict[str, int], tag_edits: dict[str, TagEdit]
) -> None:
    result = apply_edits(detected, tag_edits)

    for tag in detected.keys() | tag_edits.keys():
        assert result.get(tag, 0) == (tag_edits[tag].count if tag in tag_edits else detected[tag])
    assert 0 not in result.values()


@given(detected, detected, edits)
def test_apply_edits_after_a_redetection_keeps_every_edit(
    old: dict[str, int], new: dict[str, int], tag_edits: dict[str, TagEdit]
) -> None:
    before, after = apply_edits(old, tag_edits), apply_edits(new, tag_edits)

    assert {tag: before.get(tag) for tag in tag_edits} == {tag: after.get(tag) for tag in tag_edits}


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1)))  # noqa: DTZ001 - the test adds the time zone
def test_ids_of_any_time_keep_the_time_and_the_order(time: datetime) -> None:
    time = time.replace(microsecond=time.microsecond // 1000 * 1000, tzinfo=UTC)

    assert created_at(min_id_at(time)) == time
    assert min_id_at(time) <= min_id_at(max(time, NOW))


@given(st.uuids(), st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_parse_key_of_a_key_returns_its_owner_and_image(owner: object, time: datetime) -> None:
    image_id = min_id_at(time)

    assert parse_key(Rendition.INCOMING.key(str(owner), image_id), Rendition.INCOMING) == (str(owner), image_id)
