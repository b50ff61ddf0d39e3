"""Returns the months in which photos were taken."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryParameter
from pydantic import BaseModel, Field

from app.api.auth import CurrentUser
from app.api.dependencies import ImagesDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.query import MAX_TEXT, parse
from app.services.timeline import MAX_MATCHES, find_timeline

router = APIRouter(route_class=StrictRoute, tags=["images"], responses=responses(errors.InvalidToken))


class MonthTotal(BaseModel):
    """A month, and the number of images that were taken in it."""

    month: str = Field(
        description="The month at the place. To list the images from this month on, send it as `cursor`.",
        examples=["2019-07"],
    )
    images: int = Field(description="The number of images that were taken in it.", examples=[12])


class Timeline(BaseModel):
    """The months in which your photos were taken."""

    months: list[MonthTotal] = Field(description="Newest month first. Months without images are left out.")
    implausible: int = Field(
        description="The number of images with an implausible capture time. Lists contain them after all others.",
        examples=[3],
    )
    exact: bool = Field(
        description=f"Whether the numbers include all images. If not, they include only the newest {MAX_MATCHES}"
        " matches or fewer.",
        examples=[True],
    )


@router.get(
    "/timeline", operation_id="getTimeline", summary="Count images by month", responses=responses(errors.InvalidQuery)
)
def get_timeline(
    user: CurrentUser,
    images: ImagesDep,
    q: Annotated[
        str | None,
        QueryParameter(
            max_length=MAX_TEXT, description="Count only images that match this query.", examples=["person>=2, dog"]
        ),
    ] = None,
) -> Timeline:
    """Return the months in which your ready images were taken, with the number of images in each.

    An image whose capture time is unknown counts in the month of its upload. The numbers are exact without a query and
    for a query of one tag, such as `dog`. For any other query, at most 500 matches are counted.
    """
    timeline = find_timeline(images, user.owner, None if q is None else parse(q))
    return Timeline(
        months=[MonthTotal(month=each.month, images=each.images) for each in reversed(timeline.months) if each.month],
        implausible=sum(each.images for each in timeline.months if not each.month),
        exact=timeline.is_exact,
    )
