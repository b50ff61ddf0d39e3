"""Lists the images whose counts contain uncertain objects."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryParameter

from app.api.auth import CurrentUser
from app.api.dependencies import ImagesDep, ObjectsDep
from app.api.json_response import JsonResponse
from app.api.list_parameters import Limit
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.schemas import ImagePage, to_image_page
from app.domain import errors
from app.domain.ids import EXAMPLE_ID
from app.domain.pages import MAX_CURSOR

router = APIRouter(route_class=StrictRoute, tags=["images"], responses=responses(errors.InvalidToken))


@router.get(
    "/review",
    operation_id="listUnreviewed",
    summary="List images to review",
    response_model=ImagePage,
    responses=responses(errors.InvalidCursor),
)
def list_unreviewed(
    user: CurrentUser,
    images: ImagesDep,
    objects: ObjectsDep,
    limit: Limit = 50,
    cursor: Annotated[
        str | None,
        QueryParameter(
            max_length=MAX_CURSOR,
            description="The value of `next` in the previous response.",
            examples=[f"012#{EXAMPLE_ID}"],
        ),
    ] = None,
) -> JsonResponse:
    """Return your ready images whose counts contain uncertain objects.

    Images come first whose counts a decision can change the most: those with the largest difference between `tags` and
    `certain`. An image leaves the list when all of its objects are certain. A change can appear with a short delay.
    """
    return JsonResponse(to_image_page(images.list_unreviewed(user.owner, limit, cursor), objects))
