"""Lists the scope that an API key needs for each operation.

An operation that is in no list allows no API keys. A test fails if an operation that needs a token is missing here.
"""

from collections.abc import Mapping
from typing import Final

from app.domain.api_keys import Scope

OPERATIONS: Final[Mapping[Scope, frozenset[str]]] = {
    Scope.READ: frozenset(
        {
            "exportCoco",
            "exportCsv",
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
            "listAlbumImages",
            "listAlbums",
            "listDuplicates",
            "listImages",
            "listSubscriptions",
            "listTags",
            "listUnreviewed",
            "prepareDownloads",
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
            "changeAlbum",
            "changeDates",
            "changeDetection",
            "changeImage",
            "createAlbum",
            "deleteAlbum",
            "deleteDetection",
            "drawBox",
            "editTags",
            "markFavourites",
            "orderAlbum",
            "purgeImages",
            "redetectImage",
            "redetectLibrary",
            "removeFromAlbum",
            "renameTag",
            "restoreImages",
            "reviewDetections",
            "setPreferences",
            "trashImage",
            "trashImages",
            "undoOperation",
        }
    ),
}

WITHOUT_KEYS: Final = frozenset(
    {
        "changeEmail",
        "changeMe",
        "changePassword",
        "changeSubscription",
        "createKey",
        "createShare",
        "deleteAccount",
        "deleteKey",
        "deleteMe",
        "deleteSessions",
        "deleteShare",
        "getMe",
        "getRegistration",
        "getStorage",
        "invite",
        "listAccounts",
        "listKeys",
        "listShares",
        "requestEmailChange",
        "sendConfirmation",
        "setRegistration",
        "subscribe",
        "unsubscribe",
    }
)
"""The operations that need an access token.

A stolen key must not give control of the account, of other keys, of shares, or of the e-mails to the account's address.
"""

SCOPES: Final[Mapping[str, Scope]] = {
    operation: scope for scope, operations in OPERATIONS.items() for operation in operations
}
"""The scope of each operation that allows API keys, by its id."""

NEED_TOKEN: Final = SCOPES.keys() | WITHOUT_KEYS
"""The operations that need an access token or an API key."""
