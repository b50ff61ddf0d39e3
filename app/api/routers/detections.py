"""Corrects detections, and redetects single images or the whole library."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response, status
from pydantic import BaseModel, Field

from app.api.auth import EDIT, CurrentUser, current_user, limit_detections
from app.api.dependencies import ExpectedVersion, IngestDep, LibraryDep, ObjectsDep, RedetectionsDep, require_space
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.schemas import LOCATION, ImageDetails, to_image_details
from app.api.tag_schemas import TagName
from app.domain import errors
from app.domain.redetections import Redetection
from app.domain.tags import new_tag_name

router = APIRouter(route_class=StrictRoute, tags=["detections"], responses=responses(errors.InvalidToken))

RELABEL_ERRORS = (
    errors.ImageNotFound,
    errors.DetectionNotFound,
    errors.InvalidState,
    errors.ImageChanged,
    errors.VersionOutdated,
    errors.TooManyTags,
    errors.TooManyRequests,
)


Relabel = Callable[[str | None], ImageDetails]


class RelabelRequest(BaseModel, extra="forbid", strict=True):
    """The new label of a detection."""

    label: TagName = Field(examples=["cat"])


def relabel_in_image(
    image_id: str,
    detection_id: str,
    user: CurrentUser,
    library: LibraryDep,
    objects: ObjectsDep,
    version: ExpectedVersion,
    response: Response,
) -> Relabel:
    """Return a function that relabels the detection in the path. A label of None dismisses the detection."""

    def relabel(label: str | None) -> ImageDetails:
        image = library.relabel(user.owner, image_id, detection_id, label, version=version)
        return to_image_details(image, objects, response)

    return relabel


@router.patch(
    "/images/{image_id}/detections/{detection_id}",
    operation_id="relabelDetection",
    summary="Change the label of a detection",
    responses=responses(*RELABEL_ERRORS, errors.InvalidTag),
    dependencies=EDIT,
)
def relabel_detection(request: RelabelRequest, relabel: Annotated[Relabel, Depends(relabel_in_image)]) -> ImageDetails:
    """Change a detection's label and update the counts of both tags. A dismissed detection is restored.

    Your correction also applies when a redetection finds the same label in nearly the same place.
    """
    return relabel(new_tag_name(request.label))


@router.delete(
    "/images/{image_id}/detections/{detection_id}",
    operation_id="deleteDetection",
    summary="Dismiss a detection",
    responses=responses(*RELABEL_ERRORS),
    dependencies=EDIT,
)
def delete_detection(relabel: Annotated[Relabel, Depends(relabel_in_image)]) -> ImageDetails:
    """Dismiss a detection and update its tag's count. Use PATCH to restore a dismissed detection."""
    return relabel(None)


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

    started_at: datetime = Field(examples=["2026-01-31T16:20:00Z"])
    queued: int = Field(description="The number of queued images.", examples=[1_200])
    queued_all: bool = Field(description="Whether all images have been queued.")
    done: int = Field(description="The number of queued images that are done.", examples=[350])
    finished: bool = Field(description="Whether the job is complete.")


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
