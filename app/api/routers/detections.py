"""Draws boxes, corrects detections, and redetects single images or the whole library."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Final, Protocol, Self

from fastapi import APIRouter, Depends, Response, status
from pydantic import BaseModel, Field, model_validator

from app.api.auth import EDIT, CurrentUser, current_user, limit_detections
from app.api.conditional_requests import ExpectedVersion
from app.api.dependencies import IngestDep, LibraryDep, ObjectsDep, RedetectionsDep, require_space
from app.api.detection_schemas import NewBox
from app.api.idempotency import IdempotencyKey, identify_request
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.schemas import LOCATION, ImageDetails, to_image_details
from app.api.tag_schemas import TagName
from app.domain import errors
from app.domain.boxes import Review, change_box, dismiss, draw, review
from app.domain.images import Image, RequestId
from app.domain.redetections import Redetection
from app.domain.tags import MAX_TAGS, new_tag_name, tag_name

MAX_REVIEWED: Final = 300
MAX_ID_LENGTH: Final = 26

router = APIRouter(route_class=StrictRoute, tags=["detections"], responses=responses(errors.InvalidToken))

BOX_ERRORS: Final = (
    errors.ImageNotFound,
    errors.InvalidState,
    errors.ImageChanged,
    errors.VersionOutdated,
    errors.TooManyTags,
    errors.TooManyRequests,
)

Change = Callable[[Image], Image]


class ChangeBoxes(Protocol):
    """Changes the boxes of an image with a function of `app.domain.boxes`, at most once per request."""

    def __call__(self, change: Change, request: RequestId | None = None) -> ImageDetails:
        """Return the details of the current image."""


async def change_boxes_in_image(
    image_id: str,
    user: CurrentUser,
    library: LibraryDep,
    objects: ObjectsDep,
    version: ExpectedVersion,
    response: Response,
) -> ChangeBoxes:
    """Return a function that changes the boxes of the image in the path."""

    def change_boxes(change: Change, request: RequestId | None = None) -> ImageDetails:
        image = library.change_boxes(user.owner, image_id, change, request=request, version=version)
        return to_image_details(image, objects, response)

    return change_boxes


class DrawRequest(BaseModel, extra="forbid", strict=True):
    """A box to draw, and the label of the object in it."""

    label: TagName = Field(description="The label of the object.", examples=["dog"])
    box: NewBox = Field(description="The edges of the box.")


@router.post(
    "/images/{image_id}/detections",
    operation_id="drawBox",
    summary="Draw a box",
    status_code=status.HTTP_201_CREATED,
    responses=responses(
        *BOX_ERRORS, errors.IdempotencyKeyReused, errors.InvalidBox, errors.InvalidTag, errors.TooManyBoxes
    ),
    dependencies=EDIT,
)
def draw_box(
    request: DrawRequest,
    change_boxes: Annotated[ChangeBoxes, Depends(change_boxes_in_image)],
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ImageDetails:
    """Mark an object that the model did not detect, and update the count of its tag.

    The new box is the last one of `detections`. A redetection keeps it. An image can have 100 drawn boxes. A repeated
    request with the same `Idempotency-Key` adds no box.
    """
    label, box = new_tag_name(request.label), request.box.to_box()
    details = change_boxes(
        lambda image: draw(image, label, box, datetime.now(UTC)), identify_request(idempotency_key, request)
    )
    response.headers["Location"] = f"/images/{details.id}"
    return details


class DetectionChange(BaseModel, extra="forbid", strict=True, json_schema_extra={"examples": [{"label": "cat"}]}):
    """The new label or the new box of a detection. Send at least one of them."""

    label: TagName | None = Field(None, description="The new label.", examples=["cat"])
    box: NewBox | None = Field(None, description="The new box.")

    @model_validator(mode="after")
    def _require_change(self) -> Self:
        if self.label is None and self.box is None:
            raise ValueError("Send at least one of label and box.")
        return self


@router.patch(
    "/images/{image_id}/detections/{detection_id}",
    operation_id="changeDetection",
    summary="Confirm, relabel or move a detection",
    responses=responses(*BOX_ERRORS, errors.DetectionNotFound, errors.InvalidBox, errors.InvalidTag),
    dependencies=EDIT,
)
def change_detection(
    detection_id: str, request: DetectionChange, change_boxes: Annotated[ChangeBoxes, Depends(change_boxes_in_image)]
) -> ImageDetails:
    """Change the label or the box of a detection, and update the counts of the tags.

    To confirm a detection, send the label that it has. A dismissed detection is restored. To undo a move, send the
    box in `detected_box`. Your correction also applies when a redetection finds the same label in nearly the same
    place. A drawn box can be changed in the same way.
    """
    label = None if request.label is None else new_tag_name(request.label)
    box = None if request.box is None else request.box.to_box()
    return change_boxes(lambda image: change_box(image, detection_id, datetime.now(UTC), label=label, box=box))


@router.delete(
    "/images/{image_id}/detections/{detection_id}",
    operation_id="deleteDetection",
    summary="Dismiss a detection",
    responses=responses(*BOX_ERRORS, errors.DetectionNotFound),
    dependencies=EDIT,
)
def delete_detection(
    detection_id: str, change_boxes: Annotated[ChangeBoxes, Depends(change_boxes_in_image)]
) -> ImageDetails:
    """Dismiss a detection, or delete a drawn box, and update the count of its tag.

    Use PATCH to restore a dismissed detection. A drawn box cannot be restored.
    """
    return change_boxes(lambda image: dismiss(image, detection_id, datetime.now(UTC)))


DetectionIds = Annotated[list[Annotated[str, Field(max_length=MAX_ID_LENGTH)]], Field(max_length=MAX_REVIEWED)]


class ReviewRequest(
    BaseModel, extra="forbid", strict=True, json_schema_extra={"examples": [{"confirm": ["5f2b0c1d9e8a"]}]}
):
    """Decisions about the detections and counts of an image. Send at least one id or tag, and no id twice."""

    confirm: DetectionIds = Field([], description="Detections that are right.", examples=[["5f2b0c1d9e8a"]])
    dismiss: DetectionIds = Field(
        [], description="Detections that are wrong, and drawn boxes to delete.", examples=[["5f2b0c1d9e8a"]]
    )
    reset: DetectionIds = Field([], description="Detections about which you take your decision back.", examples=[[]])
    reset_counts: list[TagName] = Field(
        [],
        max_length=MAX_TAGS,
        description="Tags whose counts you take back. PixTag counts their boxes again.",
        examples=[["dog"]],
    )

    @model_validator(mode="after")
    def _require_different_ids(self) -> Self:
        ids = [*self.confirm, *self.dismiss, *self.reset]
        if not (ids or self.reset_counts) or len(ids) > len({*ids}):
            raise ValueError("Send at least one id, and no id twice.")
        return self


@router.post(
    "/images/{image_id}/review",
    operation_id="reviewDetections",
    summary="Decide about several detections",
    responses=responses(*BOX_ERRORS, errors.DetectionNotFound, errors.InvalidTag),
    dependencies=EDIT,
)
def review_detections(
    request: ReviewRequest, change_boxes: Annotated[ChangeBoxes, Depends(change_boxes_in_image)]
) -> ImageDetails:
    """Confirm, dismiss or reset detections of an image in one change, and update the counts of the tags.

    If the image lacks one of the detections, nothing is changed. A reset takes back that you confirmed, relabeled,
    moved or dismissed a detection. If you have renamed its tag, it keeps the new name. A reset does not change the
    boxes that you drew. `reset_counts` takes back counts that you set.
    """
    decisions = Review(
        frozenset(request.confirm),
        frozenset(request.dismiss),
        frozenset(request.reset),
        frozenset(map(tag_name, request.reset_counts)),
    )
    return change_boxes(lambda image: review(image, decisions, datetime.now(UTC)))


@router.post(
    "/images/{image_id}/redetect",
    operation_id="redetectImage",
    summary="Redetect an image",
    responses=responses(
        errors.ImageNotFound,
        errors.InvalidState,
        errors.ImageChanged,
        errors.VersionOutdated,
        errors.InvalidPhoto,
        errors.TooManyRequests,
    ),
    dependencies=[Depends(current_user), Depends(require_space), Depends(limit_detections)],
)
def redetect_image(
    image_id: str,
    user: CurrentUser,
    ingest: IngestDep,
    objects: ObjectsDep,
    version: ExpectedVersion,
    response: Response,
) -> ImageDetails:
    """Detect the image's objects again with the current model. A failed image is retried.

    Your edits are kept. A tag that you removed stays removed.
    """
    return to_image_details(ingest.redetect(user.owner, image_id, version=version), objects, response)


class RedetectionProgress(BaseModel):
    """The progress of a redetection job."""

    started_at: datetime = Field(description="When you started the job.", examples=["2026-01-31T16:20:00Z"])
    queued: int = Field(description="The number of queued images.", examples=[1_200])
    queued_all: bool = Field(description="Whether all images have been queued.", examples=[False])
    done: int = Field(description="The number of queued images that are done.", examples=[350])
    finished: bool = Field(description="Whether the job is complete.", examples=[False])


@router.post(
    "/redetection",
    operation_id="redetectLibrary",
    summary="Redetect the library",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(errors.TooManyRequests) | {202: {"headers": LOCATION}},
    dependencies=EDIT,
)
def redetect_library(user: CurrentUser, redetections: RedetectionsDep, response: Response) -> RedetectionProgress:
    """Start a job that redetects every ready image. The job begins within a minute.

    If a job is already running, no new job is started. The response then describes the running job.
    """
    response.headers["Location"] = "/redetection"
    return _to_progress(redetections.start(user.owner))


@router.get(
    "/redetection",
    operation_id="getRedetection",
    summary="Get the progress of a redetection job",
    responses=responses(errors.RedetectionNotFound),
)
def get_redetection(user: CurrentUser, redetections: RedetectionsDep) -> RedetectionProgress:
    """Return the progress of your latest redetection job. A job is kept for 30 days."""
    return _to_progress(redetections.get(user.owner))


def _to_progress(redetection: Redetection) -> RedetectionProgress:
    return RedetectionProgress(
        started_at=redetection.started_at,
        queued=redetection.queued,
        queued_all=redetection.queued_all,
        done=min(redetection.done, redetection.queued),
        finished=redetection.finished,
    )
