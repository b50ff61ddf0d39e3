"""Creates shares, recognizes them by the tokens in their links, and checks their passwords."""

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from app.domain.errors import InvalidRequest, ShareLinkInvalid, TooManyShares
from app.domain.ids import new_id
from app.domain.owner_tokens import RowAddress
from app.domain.ports import Albums, Quotas, Shares, Subscriptions
from app.domain.registration import hash_secret
from app.domain.shares import MAX_SHARES, MAX_TITLE, SECRET_BYTES, TOKENS, Share, ShareKind, StoredShare

if TYPE_CHECKING:
    from app.domain.passwords import Passwords

_INVALID_SEARCH: Final = "The query of this saved search is no longer valid. Save the search again, then share it."


@dataclass(frozen=True, slots=True)
class NewShare:
    """What the owner wants to share.

    Attributes:
        kind: What the share contains.
        source: The id of the album or of the saved search. It is empty for single photos.
        image_ids: The ids of single photos.
        title: The title of the page. If it is empty, that of the album or of the saved search is used, if it has one.
        expires_at: When the share ends. None if it does not end by itself.
        password: The password, or None.
        originals: Whether visitors can download originals.
    """

    kind: ShareKind
    source: str = ""
    image_ids: Sequence[str] = ()
    title: str = ""
    expires_at: datetime | None = None
    password: str | None = None
    originals: bool = False


@dataclass(frozen=True, slots=True)
class OpenedShare:
    """A share whose link works. Its photos are shown only if the visitor is admitted."""

    address: RowAddress
    stored: StoredShare

    @property
    def owner(self) -> str:
        """The owner of the share."""
        return self.address.owner

    @property
    def share(self) -> Share:
        """The share without its secrets."""
        return self.stored.share


@dataclass(frozen=True, slots=True)
class Sharing:
    """Creates and opens shares.

    Attributes:
        shares: The store of shares.
        albums: The albums.
        subscriptions: The saved searches.
        quotas: Counts wrong passwords.
        get_passwords: Returns what hashes passwords. It is loaded only for shares with a password.
    """

    shares: Shares
    albums: Albums
    subscriptions: Subscriptions
    quotas: Quotas
    get_passwords: "Callable[[], Passwords]"

    def create(self, owner: str, new: NewShare) -> tuple[Share, str]:
        """Create a share. Return it with the token of its link, which is not stored.

        Raises:
            AlbumNotFound, SubscriptionNotFound: the owner has no such album or saved search.
            InvalidRequest: the saved search is no longer valid.
            TooManyRequests: too many passwords are being hashed.
            TooManyShares: the owner has as many shares as one can have.
        """
        general_title = self._find_title(owner, new)
        if len(self.shares.list(owner)) >= MAX_SHARES:
            raise TooManyShares(MAX_SHARES)
        password_hash = self.get_passwords().hash(new.password) if new.password else ""
        share = Share(
            id=new_id(),
            title=new.title or general_title,
            kind=new.kind,
            source=new.source,
            image_count=len(new.image_ids),
            created_at=datetime.now(UTC),
            expires_at=new.expires_at,
            has_password=bool(password_hash),
            originals=new.originals,
        )
        token = TOKENS.make(owner, share.id)
        stored = StoredShare(share, hash_secret(token), secrets.token_bytes(SECRET_BYTES), password_hash)
        self.shares.add(owner, stored, new.image_ids)
        return share, token

    def _find_title(self, owner: str, new: NewShare) -> str:
        """Return the title of the album or of the saved search. Visitors must not see a query, because it has tags."""
        if new.kind is ShareKind.ALBUM:
            return self.albums.get(owner, new.source).title[:MAX_TITLE].rstrip()
        if new.kind is ShareKind.SUBSCRIPTION:
            subscription = self.subscriptions.get(owner, new.source)
            if not subscription.query:
                raise InvalidRequest("body/subscription", _INVALID_SEARCH)
            return subscription.choices.title
        return ""

    def open(self, token: str) -> OpenedShare:
        """Return the share of a link. It is read from the store each time, so a deleted one is refused at once.

        Raises:
            ShareLinkInvalid: no share has this token, or it has ended.
        """
        address = TOKENS.parse(token)
        stored = self.shares.find(address) if address else None
        if not address or not stored or not hmac.compare_digest(stored.token_hash, hash_secret(token)):
            raise ShareLinkInvalid
        if stored.share.has_ended(datetime.now(UTC)):
            raise ShareLinkInvalid
        return OpenedShare(address, stored)

    def is_password(self, opened: OpenedShare, password: str) -> bool:
        """Return whether this is the password of a share.

        An attempt is counted before the password is verified, so that concurrent attempts are limited too. A correct
        password takes its own attempt back.

        Raises:
            TooManyRequests: there were too many wrong passwords. A correct one has to wait too.
        """
        self.quotas.count_attempt(*opened.address)
        if not self.get_passwords().verify(opened.stored.password_hash, password):
            return False
        self.quotas.forgive_attempt(*opened.address)
        return True
