"""Values that are sent as JSON are what the models of pydantic would send, also in the order of the members."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.api.json_response import JsonResponse
from app.api.routers.search import SearchPage
from app.api.schemas import to_image_page
from app.api.suggestion_schemas import to_suggestions
from app.domain.ids import new_id
from app.domain.images import ImageState, ImageSummary
from app.domain.marks import FAVOURITE
from app.domain.pages import Page
from app.domain.query import parse
from app.services.suggestions import Suggestion
from detector.metadata.values import CaptureTime, TimeSource

texts = st.text(st.characters(codec="utf-8"), max_size=20)
counts = st.dictionaries(texts, st.integers(1, 999), max_size=4)
local_times = st.datetimes(min_value=datetime(1000, 1, 1))  # noqa: DTZ001 - capture times have no zone
offsets = st.none() | st.integers(-720, 840).map(lambda minutes: timedelta(minutes=minutes))
capture_times = st.builds(
    CaptureTime, local_times, st.sampled_from(TimeSource), offsets, plausible=st.booleans(), date_only=st.booleans()
)
summaries = st.builds(
    ImageSummary,
    owner=st.just("o"),
    id=st.builds(new_id),
    state=st.sampled_from(ImageState),
    name=texts,
    media_type=texts,
    size=st.integers(0, 2**40),
    width=st.integers(0, 99_999),
    height=st.integers(0, 99_999),
    taken=st.none() | capture_times,
    reason=texts,
    damage=texts,
    trashed_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    tags=counts,
    certain=counts,
    marks=st.sampled_from([{}, {FAVOURITE: 1}]),
)
suggestions = st.builds(Suggestion, st.sampled_from([parse("dog>=2"), parse("untagged")]), st.integers(0, 9))


class _Objects:
    def link(self, key: str) -> str:
        return f'https://example.com/"{key}"?é'


@given(
    pages=st.builds(Page, st.lists(summaries, max_size=3), st.none() | texts),
    found=st.lists(suggestions, max_size=2),
    day=st.none() | st.dates(),
)
def test_page_of_images_is_what_the_model_would_send(
    pages: Page[ImageSummary], found: list[Suggestion], day: datetime | None
) -> None:
    objects: Any = _Objects()
    members = to_image_page(pages, objects)
    members |= {"suggestions": to_suggestions(found), "searched_until": day}

    sent = JsonResponse(members).body

    assert sent == SearchPage.model_validate(members).model_dump_json().encode()
