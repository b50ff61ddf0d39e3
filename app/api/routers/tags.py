"""Tags: what is in the library and how often, and people's corrections."""

import hashlib
from contextlib import suppress
from typing import Annotated, Final, Self

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, Field, model_validator

from app.api.auth import EditorDep, UserDep
from app.api.bulk import BulkAnswer, ChooserDep, Selection
from app.api.dependencies import CatalogDep, TableDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.images import EXAMPLE_ID, MAX_COUNT, MAX_TAGS, Card, Change, RequestId, State, fold, recounted, tag_name

DIGEST_CHARACTERS: Final = 32  # 128 bits: nobody finds two texts with the same

router = APIRouter(route_class=StrictRoute, prefix="/tags", tags=["tags"], responses=responses(errors.InvalidToken))


class TagTotal(BaseModel):
    """A tag and how much of it there is."""

    tag: str = Field(examples=["person"])
    images: int = Field(description="How many images have it.", examples=[143])
    objects: int = Field(description="How many of it they show together.", examples=[377])


class TagList(BaseModel):
    """Tags, those of most images first."""

    tags: list[TagTotal]


@router.get("", operation_id="listTags", summary="List your tags")
def list_tags(
    user: UserDep,
    table: TableDep,
    prefix: Annotated[str, Query(max_length=64, description="Only tags that begin so.", examples=["per"])] = "",
) -> TagList:
    """Every tag of your library, or those that begin with a prefix, with its number of images and objects."""
    totals = table.count_tags(user.owner, fold(prefix).lstrip())
    return TagList(tags=[TagTotal(tag=total.tag, images=total.images, objects=total.objects) for total in totals])


class AddedTag(BaseModel, extra="forbid", strict=True):
    """A tag that the images show so many times more."""

    tag: str = Field(examples=["person"])
    count: int = Field(1, ge=1, le=MAX_COUNT, examples=[1])


class RemovedTag(BaseModel, extra="forbid", strict=True):
    """A tag that the images show so many times less, but not less than not at all."""

    tag: str = Field(examples=["dog"])
    count: int | None = Field(None, ge=1, le=MAX_COUNT, description="All of it, if not given.", examples=[1])


class TagEdit(BaseModel, extra="forbid", strict=True):
    """What changes, and on which images."""

    add: list[AddedTag] = Field([], max_length=MAX_TAGS)
    remove: list[RemovedTag] = Field([], max_length=MAX_TAGS)
    images: Selection


@router.post(
    "",
    operation_id="editTags",
    summary="Add and remove tags on many images",
    responses=responses(errors.InvalidTag, errors.InvalidQuery, errors.InvalidCursor, errors.TooManyRequests),
)
def edit_tags(
    edit: TagEdit,
    user: EditorDep,
    catalog: CatalogDep,
    chooser: ChooserDep,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            description="A text of your own, new for every request: sent again with it, one changes no image twice.",
            examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
        ),
    ] = None,
) -> BulkAnswer:
    """Correct the tags of up to 100 images in one call, named by ids, by links or by a query.

    Removing takes away what there is, and is no error where there is nothing. Your corrections are kept apart
    from what the model saw: they stay when a better model looks again, and what you removed stays removed.

    Should no answer reach you, send the request again with the same `Idempotency-Key`: each image remembers the last
    eight requests that changed it. Images that a query names are those that match when it is sent.
    """
    changes = [Change(tag_name(one.tag), one.count) for one in edit.add]
    changes += [Change(tag_name(one.tag), one.count, removes=True) for one in edit.remove]
    if edit.images.dry_run:
        return chooser.foresee(edit.images, lambda card: _would_change(card, changes))
    request = RequestId(_digest(idempotency_key), _digest(edit.model_dump_json())) if idempotency_key else None
    return chooser.carry_out(edit.images, lambda image_id: catalog.retag(user.owner, image_id, changes, request))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARACTERS]


def _would_change(card: Card, changes: list[Change]) -> bool:
    with suppress(errors.TooManyTags):
        return card.state is State.READY and recounted(card.tags, changes) != card.tags
    return False


class TagRename(BaseModel, extra="forbid", strict=True):
    """A tag's old and new name."""

    old: str = Field(examples=["tv"])
    new: str = Field(examples=["television"])
    images: Selection | None = Field(
        None, description="Only on these, with a `cursor` and `dry_run` of its own; on all that have it, if not given."
    )
    cursor: str | None = Field(None, description="The `next` of the previous answer.", examples=[EXAMPLE_ID])
    dry_run: bool = Field(default=False, description="Change nothing; say how many images would change.")

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        if self.images and (self.cursor or self.dry_run):
            raise ValueError("With `images`, `cursor` and `dry_run` belong into it.")
        return self


@router.post(
    "/rename",
    operation_id="renameTag",
    summary="Rename a tag, or merge it into another",
    responses=responses(errors.InvalidTag, errors.InvalidQuery, errors.InvalidCursor, errors.TooManyRequests),
)
def rename_tag(rename: TagRename, user: EditorDep, catalog: CatalogDep, chooser: ChooserDep) -> BulkAnswer:
    """Give a tag another name on 100 images in one call; call again with `next` as `cursor` until it is null.

    On images that have both, the counts are added up.
    """
    old, new = tag_name(rename.old), tag_name(rename.new)
    images = rename.images or Selection(query=old, cursor=rename.cursor, dry_run=rename.dry_run)
    if images.dry_run:
        return chooser.foresee(images, lambda card: old != new and old in card.tags)
    return chooser.carry_out(images, lambda image_id: catalog.rename_tag(user.owner, image_id, old, new))
