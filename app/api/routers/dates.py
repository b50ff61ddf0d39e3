"""Sets, resets and shifts the capture times of images, and changes the properties of one image."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial, reduce
from typing import Annotated, Final, Self

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, model_validator

from app.api.auth import EDIT, CurrentUser
from app.api.bulk import BULK_ERRORS, BulkOutcome, BulkResult, BulkRunnerDep, ImageSelection, apply_to_image
from app.api.conditional_requests import ExpectedVersion
from app.api.dependencies import LibraryDep, ObjectsDep
from app.api.idempotency import IdempotencyKey, identify_request
from app.api.operations import AppliedOperation, OperationId, OperationStarterDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.schemas import ImageDetails, to_image_details
from app.domain import errors
from app.domain.capture_times import MAX_TEXT, format_capture_time
from app.domain.dates import EXAMPLE_SHIFT, MAX_SHIFT_TEXT, parse_date, parse_shift, reset_date, set_date, shift_date
from app.domain.edits import mark_favourite
from app.domain.ids import EXAMPLE_ID
from app.domain.images import Image
from detector.metadata.values import TimeSource

Date = Annotated[str | None, Field(max_length=MAX_TEXT)]

Change = Callable[[Image], Image]
Apply = Callable[[Change, str], tuple[Image, bool]]
"""Applies a change to the image with an id. Returns the image, and whether it changed."""

DATE_FORMS: Final = (
    "A date `2019-07-28`, or with the time at the place `2019-07-28T01:03`, also with the UTC offset"
    " `2019-07-28T01:03:00+09:00`. Null returns to the date of the import or the file."
)

router = APIRouter(route_class=StrictRoute, prefix="/images", tags=["images"], responses=responses(errors.InvalidToken))


class ImageChange(
    BaseModel, extra="forbid", strict=True, json_schema_extra={"examples": [{"taken_at": "2019-07-28T01:03:00+09:00"}]}
):
    """The properties of an image to change. Send at least one. The others stay."""

    taken_at: Date = Field(None, description=DATE_FORMS, examples=["2019-07-28T01:03:00+09:00"])
    favourite: bool = Field(default=False, description="Whether the image is a favourite.", examples=[True])

    @model_validator(mode="after")
    def _require_a_change(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Send at least one of taken_at and favourite.")
        return self


@router.patch(
    "/{image_id}",
    operation_id="changeImage",
    summary="Set the date of an image, or mark it as a favourite",
    responses=responses(
        errors.ImageNotFound,
        errors.ImageChanged,
        errors.ImplausibleDate,
        errors.InvalidDate,
        errors.InvalidState,
        errors.TooManyRequests,
        errors.TooManyTags,
        errors.VersionOutdated,
    ),
    dependencies=EDIT,
)
def change_image(
    image_id: str,
    request: ImageChange,
    user: CurrentUser,
    library: LibraryDep,
    objects: ObjectsDep,
    version: ExpectedVersion,
    response: Response,
) -> ImageDetails:
    """Set when a photo was taken, or return to the date that its file has. Mark it as a favourite, or no longer.

    A date that you set comes before all others, and a redetection keeps it. It is from 1826 to tomorrow. The file does
    not change.
    """
    changes = [_make_change(request.taken_at)] if "taken_at" in request.model_fields_set else []
    if "favourite" in request.model_fields_set:
        changes.append(partial(mark_favourite, favourite=request.favourite))
    image, _ = library.change(user.owner, image_id, lambda image: reduce(_apply, changes, image), version=version)
    return to_image_details(image, objects, response)


def _apply(image: Image, change: Change) -> Image:
    return change(image)


class DatesRequest(
    BaseModel,
    extra="forbid",
    strict=True,
    json_schema_extra={"examples": [{"images": {"ids": [EXAMPLE_ID]}, "taken_at": "2019-07-28"}]},
):
    """The images, and their new date or a shift of their dates. Send exactly one of `taken_at` and `shift`."""

    images: ImageSelection = Field(description="The images whose dates to change.")
    taken_at: Date = Field(None, description=DATE_FORMS, examples=["2019-07-28"])
    shift: str | None = Field(
        None,
        max_length=MAX_SHIFT_TEXT,
        description="How much later (`+`) or earlier (`-`) the photos were taken, in days (`d`), hours (`h`), minutes"
        f" (`min`) and seconds (`s`): `+1 h`, `-7 d` or `{EXAMPLE_SHIFT}`.",
        examples=["+1 h"],
    )
    operation: OperationId = None

    @model_validator(mode="after")
    def _require_one_change(self) -> Self:
        if ("taken_at" in self.model_fields_set) is (self.shift is not None):
            raise ValueError("Send exactly one of taken_at and shift.")
        return self


class DateOutcome(BulkOutcome):
    """The outcome for one image, with its dates. For a dry run, `after` is the date that it would have."""

    before: str | None = Field(
        description="The date before the change. Null if only the time of the upload was known, or if the image could"
        " not be read.",
        examples=["2019-07-28T01:03:00"],
    )
    after: str | None = Field(
        description="The date after the change. Null if only the time of the upload is known, or if it failed.",
        examples=["2019-07-28T02:03:00"],
    )
    source: TimeSource | None = Field(
        description="Where `after` comes from, as `taken_source` of an image.", examples=["person"]
    )
    plausible: bool = Field(
        description="Whether `after` is plausible, as `taken_plausible` of an image.", examples=[True]
    )


class DatesResponse(BaseModel):
    """The outcome for each image. A failure for one image does not affect the other images."""

    changed: int = Field(
        description="The number of changed images. For a dry run, the number of images that would change.",
        examples=[98],
    )
    outcomes: list[DateOutcome] = Field(
        description="One outcome per image, in the order of the request. For a query, oldest first if the shift is"
        " negative, and newest first otherwise."
    )
    next: str | None = Field(
        description="For a query, send this value as `cursor` to continue. Null at the end.", examples=[None]
    )
    operation: AppliedOperation


@router.post(
    "/date",
    operation_id="changeDates",
    summary="Set or shift the dates of images",
    responses=responses(*BULK_ERRORS, errors.InvalidDate),
    dependencies=EDIT,
)
def change_dates(
    request: DatesRequest,
    user: CurrentUser,
    runner: BulkRunnerDep,
    starter: OperationStarterDep,
    idempotency_key: IdempotencyKey = None,
) -> DatesResponse:
    """Set or shift the dates of up to 100 images per request. Select the images by ids, by links or by a query.

    A shift moves the dates that images have, and leaves the differences between them. It fails for an image whose date
    would be before 1826 or after tomorrow, for an image without a date, and, except by whole days, for a date without
    a time. With `dry_run`, nothing changes, and the response contains the dates of up to 100 images as they would be.

    If you get no response, repeat the request with the same `Idempotency-Key`, so that no date is shifted twice.
    """
    shift = None if request.shift is None else parse_shift(request.shift)
    change = _make_change(request.taken_at) if shift is None else _make_shift(shift)
    request_id = identify_request(idempotency_key, request)
    operation = starter.proceed(request.operation, dry_run=request.images.dry_run, idempotency_key=idempotency_key)

    # Shifted images must not be selected again by the next page, so they move to where the search has been.
    images, cursor = runner.select(request.images, newest_first=shift is None or shift > timedelta())
    library = runner.open_library(images)

    def apply(record: Change, image_id: str) -> tuple[Image, bool]:
        if request.images.dry_run:
            return library.preview(image_id, record)
        return library.change_date(user.owner, image_id, record, request=request_id, operation=operation)

    outcomes = list(_change_each(images, change, apply, library.find_id))
    changed = sum(outcome.result is BulkResult.CHANGED for outcome in outcomes)
    return DatesResponse(changed=changed, outcomes=outcomes, next=cursor, operation=operation.id if operation else None)


def _change_each(
    images: Iterable[tuple[str, str]], change: Change, apply: Apply, find_id: Callable[[str], str]
) -> Iterator[DateOutcome]:
    """Change images, or find out what would change. A failure of one is an outcome too.

    Args:
        images: Pairs of reference and id.
        change: Changes the date of an image.
        apply: Applies the change to an image. Its first call may change others too.
        find_id: Returns the id of the image that an id stands for.
    """
    read: dict[str, Image] = {}
    results: dict[str, Image] = {}

    def record(image: Image) -> Image:
        read[image.id] = image
        return change(image)

    def operate(image_id: str) -> bool:
        results[image_id], changed = apply(record, image_id)
        return changed

    for reference, image_id in images:
        outcome = apply_to_image(reference, image_id, operate)
        after = results.get(image_id)
        before = read.pop(after.id if after else find_id(image_id), None)
        taken = after.taken if after else None
        yield DateOutcome(
            **outcome.model_dump(),
            before=_format(before or after),  # a repeated request does not change the image again
            after=_format(after),
            source=taken.source if taken else None,
            plausible=taken is None or taken.plausible,
        )


def _make_change(taken_at: str | None) -> Change:
    """Return a function that sets a date, or that resets it.

    Raises:
        InvalidDate: see `parse_date`.
    """
    if taken_at is None:
        return lambda image: reset_date(image, datetime.now(UTC))
    time = parse_date(taken_at)
    return lambda image: set_date(image, time, datetime.now(UTC))


def _make_shift(delta: timedelta) -> Change:
    return lambda image: shift_date(image, delta, datetime.now(UTC))


def _format(image: Image | None) -> str | None:
    return format_capture_time(image.taken) if image and image.taken else None
