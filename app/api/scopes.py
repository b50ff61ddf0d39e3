"""Lists the scope that an API key needs for each operation.

An operation that is in no list allows no API keys. A test fails if an operation that needs a token is missing here.
"""

from collections.abc import Mapping
from typing import Final

from app.domain.api_keys import Scope

OPERATIONS: Final[Mapping[Scope, frozenset[str]]] = {
    Scope.READ: frozenset(
        {
            "exportLibrary",
            "getAlbum",
            "getDuplicates",
            "getFacets",
            "getImage",
            "getOriginal",
            "getPreferences",
            "getRedetection",
            "getSubscription",
            "getTimeline",
            "getUsage",
            "listAlbums",
            "listDuplicates",
            "listImages",
            "listSubscriptions",
            "listTags",
            "listUnreviewed",
            "search",
            "searchByPicture",  # the picture is not stored
            "searchByTags",
            "searchByThumbnail",
        }
    ),
    Scope.UPLOAD: frozenset(
        {
            "completeUpload",
            "createUpload",
            "getUpload",  # it returns the links of missing parts
            "uploadImage",
        }
    ),
    Scope.EDIT: frozenset(
        {
            "addToAlbum",
            "changeDates",
            "changeDetection",
            "changeImage",
            "changeSubscription",
            "createAlbum",
            "deleteAlbum",
            "deleteDetection",
            "drawBox",
            "editTags",
            "markFavourites",
            "purgeImages",
            "redetectImage",
            "redetectLibrary",
            "removeFromAlbum",
            "renameAlbum",
            "renameTag",
            "restoreImages",
            "reviewDetections",
            "sendConfirmation",
            "setPreferences",
            "subscribe",
            "trashImage",
            "trashImages",
            "undoOperation",
            "unsubscribe",
        }
    ),
}

WITHOUT_KEYS: Final = frozenset(
    {
        "changePassword",
        "createKey",
        "deleteKey",
        "deleteMe",
        "deleteSessions",
        "getMe",
        "invite",
        "listKeys",
    }
)
"""The operations that need an access token: a stolen key must not give control of the account or of other keys."""

SCOPES: Final[Mapping[str, Scope]] = {
    operation: scope for scope, operations in OPERATIONS.items() for operation in operations
}
"""The scope of each operation that allows API keys, by its id."""
