"""The routes of the API: a request to each, and the status of the response to the owner."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app import wiring
from app.api.routers.pages import PATHS, SERVICE_WORKER_PATH, SHARE_PATH
from app.domain.albums import Album
from app.domain.api_keys import TOKENS, ApiKey, Scope, StoredKey
from app.domain.ids import EXAMPLE_ID, Rendition, new_id
from app.domain.registration import hash_secret
from app.domain.shares import Share, ShareKind
from app.services.shares import NewShare
from tests.support.tokens import SETTINGS
from tests.support.user_pool import EMAIL, NAMES, PASSWORD

PNG = "image/png"
ALBUM_TITLE = "Holidays of Ada"
KEY_NAME = "Phone of Ada"
SHARE_TITLE = "Beach of Ada"


@dataclass(frozen=True)
class Resources:
    """The resources that a request can name: an image, a detection, a subscription, an operation, an album, an API key,
    a share, an account.

    `links` is how the links to objects start.
    """

    image: str
    detection: str
    subscription: str
    owner: str
    links: str = f"https://{SETTINGS.bucket}.s3.amazonaws.com/"
    operation: str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    album: str = "01jd8xk3v5m0z8q4n2c7r9t1wy"
    key: str = "01jd8xk3v5m0z8q4n2c7r9t1wy"
    share: str = "01jd8xk3v5m0z8q4n2c7r9t1wy"
    account: str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

    @property
    def ids(self) -> dict[str, str]:
        """The parameters of paths."""
        return {
            "image_id": self.image,
            "detection_id": self.detection,
            "subscription_id": self.subscription,
            "operation": self.operation,
            "group_id": self.image,
            "album_id": self.album,
            "key_id": self.key,
            "share_id": self.share,
            "account_id": self.account,
        }

    @property
    def link(self) -> str:
        return self.links + Rendition.THUMBNAIL.key(self.owner, self.image)


MakeRequest = Callable[[Resources], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """The request to a route, and the status of the response to the owner. A `public` route needs no token.

    `local_status` is the status on one machine, if it differs: moto checks no codes, and AWS has no administrator.
    """

    make_request: MakeRequest = lambda resources: {}
    status: int = 200
    public: bool = False
    local_status: int = 0


def bulk_row(**members: Any) -> Row:
    """Return the row of a bulk operation on the image."""
    return Row(lambda resources: {"json": {"images": {"ids": [resources.image]} | members}})


NEW_ADDRESS = "ada@example.org"
OTHER_ADDRESS = "zoe@example.com"
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}
FORM = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
COOKIE = {"headers": {"X-PixTag": "1"}}
NEW_PASSWORD = {"email": EMAIL, "code": "000000", "password": PASSWORD}
BOX = {"x1": 0, "y1": 0, "x2": 2, "y2": 2}

ROWS: dict[tuple[str, str], Row] = {
    ("POST", "/auth/register"): Row(
        lambda _: {"json": CREDENTIALS | NAMES | {"email": "grace@example.com"}}, 202, public=True
    ),
    ("POST", "/auth/confirm"): Row(lambda _: {"json": NEW_PASSWORD}, 400, public=True),
    ("POST", "/auth/resend"): Row(lambda _: {"json": {"email": EMAIL}}, 202, public=True),
    ("POST", "/auth/forgot"): Row(lambda _: {"json": {"email": EMAIL}}, 202, public=True),
    ("POST", "/auth/reset"): Row(lambda _: {"json": NEW_PASSWORD}, 204, public=True, local_status=400),
    ("POST", "/auth/token"): Row(lambda _: {"data": FORM}, 400, public=True),
    ("POST", "/auth/revoke"): Row(lambda _: {"data": {"token": "x"}}, 200, public=True),
    ("POST", "/auth/session"): Row(lambda _: {"json": CREDENTIALS} | COOKIE, 401, public=True),
    ("POST", "/auth/session/refresh"): Row(lambda _: COOKIE, 401, public=True),
    ("DELETE", "/auth/session"): Row(lambda _: COOKIE, 204, public=True),
    ("GET", "/health"): Row(public=True),
    ("GET", "/auth/me"): Row(),
    ("PATCH", "/auth/me"): Row(lambda _: {"json": {"given_name": "Augusta"}}),
    ("POST", "/auth/me/email"): Row(
        lambda _: {"json": {"email": NEW_ADDRESS, "password": "wrong"}}, 202, local_status=403
    ),
    ("PUT", "/auth/me/email"): Row(lambda _: {"json": {"email": NEW_ADDRESS, "code": "000000"}}, 204, local_status=400),
    ("GET", "/admin/storage"): Row(status=404, local_status=200),
    ("GET", "/admin/accounts"): Row(status=404, local_status=200),
    ("DELETE", "/admin/accounts/{account_id}"): Row(
        lambda _: {"params": {"confirm": OTHER_ADDRESS}}, 404, local_status=202
    ),
    ("GET", "/admin/registration"): Row(status=404, local_status=200),
    ("PUT", "/admin/registration"): Row(lambda _: {"json": {"is_closed": False}}, 404, local_status=200),
    ("GET", "/auth/me/preferences"): Row(),
    ("PUT", "/auth/me/preferences"): Row(lambda _: {"json": {"remove_positions": True}}),
    ("PUT", "/auth/me/password"): Row(
        lambda _: {"json": {"old_password": "wrong", "new_password": PASSWORD}}, 204, local_status=403
    ),
    ("DELETE", "/auth/me/sessions"): Row(status=204),
    ("POST", "/auth/me/invitations"): Row(lambda _: {"json": {"email": EMAIL}}),
    ("DELETE", "/auth/me"): Row(lambda _: {"params": {"confirm": EMAIL}}, 202),
    ("GET", "/keys"): Row(),
    ("POST", "/keys"): Row(lambda _: {"json": {"name": "Phone", "scopes": ["read"]}}, 201),
    ("DELETE", "/keys/{key_id}"): Row(status=204),
    ("GET", "/shares"): Row(),
    ("POST", "/shares"): Row(lambda resources: {"json": {"album": resources.album}}, 201),
    ("DELETE", "/shares/{share_id}"): Row(status=204),
    ("GET", "/usage"): Row(),
    ("POST", "/uploads"): Row(lambda _: {"json": {"name": "a.png", "type": PNG, "size": 1}}, 201),
    ("GET", "/uploads/{image_id}"): Row(),
    ("POST", "/uploads/{image_id}/complete"): Row(),
    ("POST", "/images"): Row(lambda _: {"files": {"file": ("a.png", b"x", PNG)}}, 202),
    ("GET", "/images"): Row(),
    ("GET", "/images/{image_id}"): Row(),
    ("PATCH", "/images/{image_id}"): Row(lambda _: {"json": {"taken_at": "2019-07-28T01:03:00+09:00"}}),
    ("DELETE", "/images/{image_id}"): Row(status=204),
    ("GET", "/images/{image_id}/original"): Row(status=307),
    ("POST", "/images/downloads"): Row(lambda resources: {"json": {"ids": [resources.image]}}),
    ("POST", "/images/date"): Row(
        lambda resources: {"json": {"taken_at": "2019-07-28", "images": {"ids": [resources.image]}}}
    ),
    ("POST", "/images/favourite"): Row(
        lambda resources: {"json": {"favourite": True, "images": {"ids": [resources.image]}}}
    ),
    ("GET", "/albums"): Row(),
    ("POST", "/albums"): Row(lambda _: {"json": {"title": "Summer 2019"}}, 201),
    ("GET", "/albums/{album_id}"): Row(),
    ("PATCH", "/albums/{album_id}"): Row(lambda _: {"json": {"title": "Autumn"}}),
    ("DELETE", "/albums/{album_id}"): Row(status=204),
    ("GET", "/albums/{album_id}/images"): Row(),
    ("PUT", "/albums/{album_id}/order"): Row(lambda _: {"json": {"images": [EXAMPLE_ID]}}),
    ("POST", "/albums/{album_id}/add"): bulk_row(),
    ("POST", "/albums/{album_id}/remove"): bulk_row(),
    ("GET", "/timeline"): Row(),
    ("GET", "/review"): Row(),
    ("GET", "/duplicates"): Row(),
    ("GET", "/duplicates/{group_id}"): Row(status=404),  # no image here has copies
    ("POST", "/images/trash"): bulk_row(),
    ("POST", "/images/restore"): Row(lambda resources: {"json": {"images": {"links": [resources.link]}}}),
    ("POST", "/images/purge"): bulk_row(dry_run=True),
    ("POST", "/images/{image_id}/detections"): Row(lambda _: {"json": {"label": "horse", "box": BOX}}, 201),
    ("POST", "/images/{image_id}/review"): Row(lambda resources: {"json": {"confirm": [resources.detection]}}),
    ("PATCH", "/images/{image_id}/detections/{detection_id}"): Row(lambda _: {"json": {"label": "horse"}}),
    ("DELETE", "/images/{image_id}/detections/{detection_id}"): Row(),
    ("POST", "/images/{image_id}/redetect"): Row(),
    ("POST", "/redetection"): Row(status=202),
    ("GET", "/redetection"): Row(status=404),
    ("GET", "/search"): Row(lambda _: {"params": {"q": "unicorn"}}),
    ("GET", "/search/facets"): Row(lambda _: {"params": {"q": "unicorn", "tag": "griffin"}}),
    ("POST", "/search"): Row(lambda _: {"json": {"tags": [{"tag": "unicorn"}]}}),
    ("GET", "/search/thumbnail"): Row(lambda resources: {"params": {"url": resources.link}}),
    ("POST", "/search/image"): Row(lambda _: {"files": {"file": ("a.jpg", b"x", "image/jpeg")}}, 422),
    ("POST", "/operations/{operation}/undo"): Row(lambda _: {"json": {}}),
    ("GET", "/tags"): Row(),
    ("POST", "/tags"): Row(
        lambda resources: {"json": {"add": [{"tag": "horse"}], "images": {"ids": [resources.image]}}}
    ),
    ("POST", "/tags/rename"): Row(
        lambda resources: {"json": {"old": "unicorn", "new": "horse", "images": {"links": [resources.link]}}}
    ),
    ("GET", "/subscriptions"): Row(),
    ("POST", "/subscriptions"): Row(lambda _: {"json": {"query": "horse"}}, 201),
    ("POST", "/subscriptions/confirmation"): Row(),
    ("GET", "/subscriptions/{subscription_id}"): Row(),
    ("PATCH", "/subscriptions/{subscription_id}"): Row(lambda _: {"json": {"name": "Horses"}}),
    ("DELETE", "/subscriptions/{subscription_id}"): Row(status=204),
    ("GET", "/export/coco"): Row(),
    ("GET", "/export/csv"): Row(),
}
# Pages and files that contain no data of a person and are the same for all.
PAGES = {
    *PATHS,
    "/assets/{name}",
    *(SERVICE_WORKER_PATH, SHARE_PATH),
    *("/docs", "/docs/start.js", "/docs/files", "/openapi.json"),
    *("/mailbox", "/mailbox.json"),  # shown only on this machine; see test_local_access.py
    "/subscriptions/links/{token}",  # it needs a signed link from an e-mail; see test_mail_links.py
    *("/s/{token}", "/s/{token}/images/{image_id}"),  # they need the link of a share; see test_share_access.py
    *("/s/{token}/images/{image_id}/{picture}", "/s/{rest:path}"),
    *("/objects", "/objects/{key:path}"),  # they need a signed form or link; see test_local_access.py
}


def names_resource(path: str, row: Row) -> bool:
    """Return whether a request to the route names a resource, which may belong to another owner."""
    names = ("image", "detection", "subscription", "owner", "album", "key", "share", "account")
    a, b = (Resources(**dict.fromkeys(names, letter)) for letter in "ab")
    return "{" in path or row.make_request(a) != row.make_request(b)


def add_album(owner: str, title: str = ALBUM_TITLE) -> Album:
    """Add an empty album of this owner."""
    album = Album(new_id(), title, datetime.now(UTC))
    wiring.albums().put(owner, album)
    return album


def add_key(owner: str) -> ApiKey:
    """Add an API key of this owner, whose token nobody knows."""
    key = ApiKey(new_id(), KEY_NAME, (Scope.READ,), datetime.now(UTC))
    wiring.api_keys().add(owner, StoredKey(key, hash_secret(TOKENS.make(owner, key.id))))
    return key


def add_share(owner: str, image_ids: Sequence[str], **changes: Any) -> tuple[Share, str]:
    """Share images of this owner. Return the share and the token of its link."""
    new = NewShare(ShareKind.IMAGES, image_ids=image_ids, title=SHARE_TITLE)
    return wiring.sharing().create(owner, replace(new, **changes))
