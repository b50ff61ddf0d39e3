"""Tags: what is in the library, and how often."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app import errors
from app.auth import UserDep
from app.problems import responses
from app.wiring import TableDep

router = APIRouter(prefix="/tags", tags=["tags"], responses=responses(errors.InvalidToken))


class TagTotal(BaseModel):
    """A tag and how much of it there is."""

    tag: str = Field(examples=["person"])
    images: int = Field(description="How many images have it.", examples=[143])
    objects: int = Field(description="How many of it they show together.", examples=[377])


class TagList(BaseModel):
    """All tags, those of most images first."""

    tags: list[TagTotal]


@router.get("", operation_id="listTags", summary="List your tags")
def list_tags(user: UserDep, table: TableDep) -> TagList:
    """Every tag of your library with its number of images and objects."""
    totals = table.count_tags(user.owner)
    return TagList(tags=[TagTotal(tag=total.tag, images=total.images, objects=total.objects) for total in totals])
