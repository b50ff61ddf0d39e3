"""Lists, edits and renames tags."""

from contextlib import suppress
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, model_validator

from app.api.auth import EDIT, CurrentUser
from app.api.bulk import BULK_ERRORS, BulkResponse, BulkRunnerDep, ImageSelection
from app.api.dependencies import ImagesDep
from app.api.idempotency import IdempotencyKey, identify_request
from app.api.json_response import JsonResponse
from app.api.operations import OperationId, OperationStarterDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.tag_schemas import TagName
from app.domain import errors
from app.domain.edits import TagChange, recount
from app.domain.ids import EXAMPLE_KEY
from app.domain.images import ImageState, ImageSummary
from app.domain.pages import MAX_CURSOR
from app.domain.tags import MAX_COUNT, MAX_TAG_LENGTH, MAX_TAGS, new_tag_name, normalize, tag_name
from app.domain.terms import write_name

router = APIRouter(route_class=StrictRoute, prefix="/tags", tags=["tags"], responses=responses(errors.InvalidToken))


class TagTotal(BaseModel):
    """A tag and its totals in the library."""

    tag: str = Field(description="The name of the tag.", examples=["person"])
    images: int = Field(description="The number of images with this tag.", examples=[143])
    objects: int = Field(description="The sum of the tag's counts.", examples=[377])


class TagList(BaseModel):
    """Tags, most frequent first."""

    tags: list[TagTotal] = Field(description="The tags.")


@router.get("", operation_id="listTags", summary="List tags", response_model=TagList)
def list_tags(
    user: CurrentUser,
    images: ImagesDep,
    prefix: Annotated[
        str, Query(max_length=MAX_TAG_LENGTH, description="Return only tags with this prefix.", examples=["per"])
    ] = "",
) -> JsonResponse:
    """Return your library's tags and their totals, most frequent first. Use `prefix` to filter the tags."""
    totals = images.count_tags(user.owner, normalize(prefix).lstrip())
    members = [{"tag": total.tag, "images": total.images, "objects": total.objects} for total in totals]
    return JsonResponse({"tags": members})


class TagAddition(BaseModel, extra="forbid", strict=True):
    """A tag and the number to add to its count."""

    tag: TagName = Field(examples=["person"])
    count: int = Field(1, ge=1, le=MAX_COUNT, description="The number to add.", examples=[1])


class TagRemoval(BaseModel, extra="forbid", strict=True):
    """A tag and the number to subtract from its count. The count does not fall below zero."""

    tag: TagName = Field(examples=["dog"])
    count: int | None = Field(None, ge=1, le=MAX_COUNT, description="By default, the tag is removed.", examples=[1])


class TagEditRequest(BaseModel, extra="forbid", strict=True):
    """The changes, and the images to change."""

    add: list[TagAddition] = Field([], max_length=MAX_TAGS, description="The tags to add.")
    remove: list[TagRemoval] = Field([], max_length=MAX_TAGS, description="The tags to remove.")
    images: ImageSelection = Field(description="The images to change.")
    operation: OperationId = None


@router.post(
    "",
    operation_id="editTags",
    summary="Add and remove tags",
    responses=responses(*BULK_ERRORS, errors.InvalidTag),
    dependencies=EDIT,
)
def edit_tags(
    request: TagEditRequest,
    user: CurrentUser,
    runner: BulkRunnerDep,
    starter: OperationStarterDep,
    idempotency_key: IdempotencyKey = None,
) -> BulkResponse:
    """Edit the tags of up to 100 images per request. Select the images by ids, by links or by a query.

    Removing a tag that an image does not have is not an error. A redetection keeps your edits, and a removed tag stays
    removed.

    If you get no response, repeat the request with the same `Idempotency-Key`. Each image remembers the last eight
    requests that changed it. A query selects the images that match when the request arrives.
    """
    changes = [TagChange(new_tag_name(addition.tag), addition.count) for addition in request.add]
    changes += [TagChange(tag_name(removal.tag), removal.count, removes=True) for removal in request.remove]
    request_id = identify_request(idempotency_key, request)
    operation = starter.proceed(request.operation, dry_run=request.images.dry_run, idempotency_key=idempotency_key)
    return runner.run(
        request.images,
        lambda library, image_id: library.retag(user.owner, image_id, changes, request_id, operation=operation),
        operation=operation,
        would_change=lambda image: _would_change(image, changes),
    )


def _would_change(image: ImageSummary, changes: list[TagChange]) -> bool:
    with suppress(errors.TooManyTags):
        return image.state is ImageState.READY and recount(image.tags, changes, marks=image.marks) != image.tags
    return False


class TagRenameRequest(BaseModel, extra="forbid", strict=True):
    """The old and the new name of a tag."""

    old: TagName = Field(examples=["tv"])
    new: TagName = Field(examples=["television"])
    images: ImageSelection | None = Field(
        None,
        description="Change only these images. Put `cursor` and `dry_run` inside. Default: all images with the tag.",
    )
    cursor: str | None = Field(
        None, max_length=MAX_CURSOR, description="The value of `next` in the previous response.", examples=[EXAMPLE_KEY]
    )
    dry_run: bool = Field(
        default=False, description="Change nothing. Return how many images would change.", examples=[False]
    )
    operation: OperationId = None

    @model_validator(mode="after")
    def _require_one_cursor(self) -> Self:
        if self.images and (self.cursor or self.dry_run):
            raise ValueError("With `images`, put `cursor` and `dry_run` inside it.")
        return self


@router.post(
    "/rename",
    operation_id="renameTag",
    summary="Rename or merge a tag",
    responses=responses(*BULK_ERRORS, errors.InvalidTag),
    dependencies=EDIT,
)
def rename_tag(
    request: TagRenameRequest,
    user: CurrentUser,
    runner: BulkRunnerDep,
    starter: OperationStarterDep,
) -> BulkResponse:
    """Rename a tag and relabel its detections on up to 100 images per request.

    Repeat the request with `next` as `cursor` until `next` is null. If an image has both tags, their counts are added.
    """
    old, new = tag_name(request.old), new_tag_name(request.new)
    images = request.images or ImageSelection(query=write_name(old), cursor=request.cursor, dry_run=request.dry_run)
    operation = starter.proceed(request.operation, dry_run=images.dry_run)
    return runner.run(
        images,
        lambda library, image_id: library.rename_tag(user.owner, image_id, old, new, operation=operation),
        operation=operation,
        would_change=lambda image: old != new and old in image.tags,
    )
