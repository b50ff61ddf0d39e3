"""Lists groups of photos that look the same although their files differ."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryParameter
from pydantic import BaseModel, Field

from app.api.auth import CurrentUser
from app.api.dependencies import ImagesDep, ObjectsDep
from app.api.json_response import JsonResponse
from app.api.list_parameters import Limit
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.schemas import ImagePage, ImageSummary, to_image_page, to_image_summary
from app.domain import errors
from app.domain.ids import EXAMPLE_ID
from app.domain.pages import MAX_CURSOR
from app.domain.similar_images import MAX_MEMBERS
from app.services.similar_images import list_duplicates, list_duplicates_of_group

router = APIRouter(
    route_class=StrictRoute,
    prefix="/duplicates",
    tags=["images"],
    responses=responses(errors.InvalidToken, errors.InvalidCursor),
)

GroupLimit = Annotated[
    int, QueryParameter(ge=1, le=50, description="Maximum number of groups in the response.", examples=[20])
]
IdCursor = Annotated[
    str | None,
    QueryParameter(
        max_length=MAX_CURSOR, description="The value of `next` in the previous response.", examples=[EXAMPLE_ID]
    ),
]


class DuplicateGroup(BaseModel):
    """Images that look the same."""

    id: str = Field(description="The id of the group.", examples=[EXAMPLE_ID])
    images: list[ImageSummary] = Field(
        description="The best image first: intact photos, then those with the most pixels, then the largest files, then"
        f" the earliest uploads. At most {MAX_MEMBERS}."
    )
    more: bool = Field(
        description="Whether the group has more images. Get them from `/duplicates/{id}`.", examples=[False]
    )


class DuplicatesPage(BaseModel):
    """A page of groups."""

    groups: list[DuplicateGroup] = Field(description="The groups of this page.")
    next: str | None = Field(
        description="Send this value as `cursor` to get the next page. Null on the last page. A page can have few or no"
        " groups even if it is not the last page.",
        examples=[EXAMPLE_ID],
    )


@router.get("", operation_id="listDuplicates", summary="List groups of duplicates", response_model=DuplicatesPage)
def list_groups_of_duplicates(
    user: CurrentUser,
    images: ImagesDep,
    objects: ObjectsDep,
    limit: Annotated[
        int, QueryParameter(ge=1, le=50, description="Maximum number of groups in the response.", examples=[20])
    ] = 20,
    cursor: IdCursor = None,
) -> JsonResponse:
    """Return groups of your ready images that look the same, although their files differ. The latest group comes first.

    Copies in another size, format or quality are in one group, and so are most copies with other brightness or
    contrast, or slight crops. Larger crops are not. Images from PixTag 0.7 and earlier are compared after a
    redetection. A change can appear with a short delay.
    """
    groups, following = list_duplicates(images, user.owner, limit, cursor)
    members = [
        {
            "id": group.id,
            "images": [to_image_summary(each, objects) for each in group.images],
            "more": group.has_more,
        }
        for group in groups
    ]
    return JsonResponse({"groups": members, "next": following})


@router.get(
    "/{group_id}",
    operation_id="getDuplicates",
    summary="List the images of a group of duplicates",
    response_model=ImagePage,
    responses=responses(errors.DuplicatesNotFound),
)
def list_group(
    group_id: str,
    user: CurrentUser,
    images: ImagesDep,
    objects: ObjectsDep,
    limit: Limit = 50,
    cursor: IdCursor = None,
) -> JsonResponse:
    """Return the images in a group, latest upload first. Get the ids of groups from `/duplicates`."""
    page = list_duplicates_of_group(images, user.owner, group_id, limit, cursor)
    return JsonResponse(to_image_page(page, objects))
