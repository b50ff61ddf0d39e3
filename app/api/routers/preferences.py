"""Returns and changes the preferences of a person."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.auth import EDIT, CurrentUser
from app.api.dependencies import PreferencesDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.preferences import Preferences

router = APIRouter(
    route_class=StrictRoute, prefix="/auth/me/preferences", tags=["accounts"], responses=responses(errors.InvalidToken)
)


class PreferencesRequest(BaseModel, extra="forbid", strict=True):
    """Your choices."""

    remove_positions: bool = Field(
        description="Whether images do not contain where their photos were taken.", examples=[True]
    )


class PreferencesResponse(BaseModel):
    """Your choices, and whether PixTag is still applying them to existing images."""

    remove_positions: bool = Field(
        description="Whether images do not contain where their photos were taken.", examples=[True]
    )
    removing: bool = Field(
        description="Whether PixTag is still removing the positions of existing images.", examples=[False]
    )


@router.get("", operation_id="getPreferences", summary="Get your preferences")
def get_preferences(user: CurrentUser, preferences: PreferencesDep) -> PreferencesResponse:
    """Return your preferences."""
    return _to_response(preferences.get(user.owner))


@router.put(
    "",
    operation_id="setPreferences",
    summary="Set your preferences",
    responses=responses(errors.TooManyRequests),
    dependencies=EDIT,
)
def set_preferences(request: PreferencesRequest, user: CurrentUser, preferences: PreferencesDep) -> PreferencesResponse:
    """Choose what PixTag does with all your photos.

    With `remove_positions`, PixTag removes the GPS positions from your images and exports, and from later uploads. This
    takes a few minutes. The original files keep them. If you later choose false, a redetection reads the positions from
    the original files again.
    """
    return _to_response(preferences.choose(user.owner, remove_positions=request.remove_positions))


def _to_response(preferences: Preferences) -> PreferencesResponse:
    return PreferencesResponse(remove_positions=preferences.remove_positions, removing=bool(preferences.removal))
