"""Detections: correct what the model saw, box by box, and have it look again, at one image or at all."""

from datetime import datetime

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, Field

from app.adapters.aws.redetections import Redetection
from app.api.auth import EditorDep, UserDep, ViewerDep
from app.api.bulk import VersionDep
from app.api.dependencies import BucketDep, CatalogDep, RedetectionsDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.schemas import LOCATION, ImageDetails, details
from app.domain import errors
from app.domain.images import tag_name

router = APIRouter(route_class=StrictRoute, tags=["detections"], responses=responses(errors.InvalidToken))


class Relabelling(BaseModel, extra="forbid", strict=True):
    """What a box shows."""

    label: str = Field(description="The name of a tag.", examples=["cat"])


@router.patch(
    "/images/{image_id}/detections/{detection_id}",
    operation_id="relabelDetection",
    summary="Say what a box shows",
    responses=responses(
        errors.ImageNotFound,
        errors.DetectionNotFound,
        errors.NotReady,
        errors.ImageChanged,
        errors.VersionOutdated,
        errors.InvalidTag,
        errors.TooManyTags,
        errors.TooManyRequests,
    ),
)
def relabel_detection(
    image_id: str,
    detection_id: str,
    relabelling: Relabelling,
    user: EditorDep,
    catalog: CatalogDep,
    bucket: BucketDep,
    version: VersionDep,
    response: Response,
) -> ImageDetails:
    """Call what a box shows by another name; the counts of both tags follow. A deleted box comes back.

    When a model looks at the image again and takes the same place for the same, your word holds.
    """
    label = tag_name(relabelling.label)
    image = catalog.relabel(user.owner, image_id, detection_id, label, version=version)
    return details(image, bucket, response)


@router.delete(
    "/images/{image_id}/detections/{detection_id}",
    operation_id="deleteDetection",
    summary="Say that a box shows nothing",
    responses=responses(
        errors.ImageNotFound,
        errors.DetectionNotFound,
        errors.NotReady,
        errors.ImageChanged,
        errors.VersionOutdated,
        errors.TooManyTags,
        errors.TooManyRequests,
    ),
)
def delete_detection(
    image_id: str,
    detection_id: str,
    user: EditorDep,
    catalog: CatalogDep,
    bucket: BucketDep,
    version: VersionDep,
    response: Response,
) -> ImageDetails:
    """Delete a box; its tag counts one less. The answer keeps it under `dismissed`, from where PATCH brings it back."""
    image = catalog.relabel(user.owner, image_id, detection_id, None, version=version)
    return details(image, bucket, response)


@router.post(
    "/images/{image_id}/redetect",
    operation_id="redetectImage",
    summary="Look at an image again",
    responses=responses(
        errors.ImageNotFound,
        errors.NotReady,
        errors.ImageChanged,
        errors.VersionOutdated,
        errors.InvalidPhoto,
        errors.TooManyRequests,
    ),
)
def redetect_image(
    image_id: str, user: ViewerDep, catalog: CatalogDep, bucket: BucketDep, version: VersionDep, response: Response
) -> ImageDetails:
    """Look for objects again, with the model of today; one that had failed is tried again.

    What you said of its tags and boxes stays: a tag that you removed stays removed.
    """
    return details(catalog.redetect(user.owner, image_id, version=version), bucket, response)


class RedetectionProgress(BaseModel):
    """How far looking at the whole library again has come."""

    started_at: datetime = Field(examples=["2026-01-31T16:20:00Z"])
    queued: int = Field(description="How many images were queued so far.", examples=[1_200])
    queued_all: bool = Field(description="Whether all are queued.")
    done: int = Field(description="How many of them were looked at.", examples=[350])
    finished: bool = Field(description="Whether there is nothing left to do.")


@router.post(
    "/redetection",
    operation_id="redetectLibrary",
    summary="Look at all images again",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(errors.TooManyRequests) | {202: {"headers": LOCATION}},
)
def redetect_library(user: EditorDep, redetections: RedetectionsDep, response: Response) -> RedetectionProgress:
    """Queue every ready image to be looked at again; within a minute it begins. One that is under way goes on."""
    response.headers["Location"] = "/redetection"
    return _progress(redetections.begin(user.owner))


@router.get(
    "/redetection",
    operation_id="getRedetection",
    summary="How far looking at all images again has come",
    responses=responses(errors.RedetectionNotFound),
)
def get_redetection(user: UserDep, redetections: RedetectionsDep) -> RedetectionProgress:
    """The progress of the latest redetection of your library, for 30 days."""
    return _progress(redetections.get(user.owner))


def _progress(redetection: Redetection) -> RedetectionProgress:
    return RedetectionProgress(
        started_at=redetection.started_at,
        queued=redetection.queued,
        queued_all=redetection.queued_all,
        done=min(redetection.done, redetection.queued),
        finished=redetection.finished,
    )
