"""The rules of requests that no JSON Schema expresses."""

from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.api.album_schemas import AlbumOrderRequest
from app.api.bulk import ImageSelection
from app.api.request_times import ZonedTime
from app.api.routers.dates import DatesRequest, ImageChange
from app.api.routers.detections import DetectionChange, ReviewRequest
from app.api.routers.tags import TagRenameRequest
from app.domain.ids import EXAMPLE_ID

SELECTION = {"query": "dog"}


@pytest.mark.parametrize(
    ("model", "body", "advice"),
    [
        (AlbumOrderRequest, {"images": [EXAMPLE_ID, EXAMPLE_ID]}, "Send each id only once"),
        (ImageSelection, {}, "exactly one of ids, links and query"),
        (ImageSelection, {"ids": [EXAMPLE_ID], "query": "dog"}, "exactly one of ids, links and query"),
        (ImageChange, {}, "at least one of taken_at and favourite"),
        (DatesRequest, {"images": SELECTION}, "exactly one of taken_at and shift"),
        (DatesRequest, {"images": SELECTION, "taken_at": None, "shift": "+1 h"}, "exactly one of taken_at and shift"),
        (DetectionChange, {}, "at least one of label and box"),
        (ReviewRequest, {}, "at least one id"),
        (ReviewRequest, {"confirm": ["a"], "dismiss": ["a"]}, "no id twice"),
        (TagRenameRequest, {"old": "cat", "new": "dog", "images": SELECTION, "cursor": "a"}, "inside it"),
    ],
)
def test_request_that_breaks_a_rule_says_what_to_send(
    model: type[BaseModel], body: dict[str, Any], advice: str
) -> None:
    with pytest.raises(ValidationError, match=advice):
        model.model_validate(body)


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (AlbumOrderRequest, {"images": [EXAMPLE_ID]}),
        (ImageSelection, SELECTION),
        (ImageChange, {"favourite": True}),
        (DatesRequest, {"images": SELECTION, "shift": "+1 h"}),
        (DetectionChange, {"label": "cat"}),
        (ReviewRequest, {"reset_counts": ["dog"]}),
        (TagRenameRequest, {"old": "cat", "new": "dog", "images": SELECTION}),
    ],
)
def test_request_that_follows_the_rules_is_accepted(model: type[BaseModel], body: dict[str, Any]) -> None:
    assert model.model_validate(body).model_dump(exclude_unset=True, mode="json").keys() == body.keys()


@pytest.mark.parametrize("text", ["2026-01-31", "2026-13-31T16:20:00Z", "0001-01-01T00:00:00+14:00", "", 7, "2" * 41])
def test_time_without_a_zone_or_a_meaning_is_refused(text: object) -> None:
    with pytest.raises(ValidationError, match="a date and time with a time zone"):
        TypeAdapter(ZonedTime).validate_python(text)


def test_time_keeps_its_zone() -> None:
    time = TypeAdapter(ZonedTime).validate_python("2026-01-31T16:20:00+05:30")

    assert time.isoformat() == "2026-01-31T16:20:00+05:30"
