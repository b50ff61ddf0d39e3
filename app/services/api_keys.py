"""Issues API keys, and recognizes them in requests."""

import hmac
from datetime import UTC, datetime

from app.domain.api_keys import MAX_KEYS, TOKENS, ApiKey, Scope, StoredKey
from app.domain.errors import InvalidToken, TooManyKeys
from app.domain.ids import new_id
from app.domain.owner_tokens import RowAddress
from app.domain.ports import ApiKeys
from app.domain.registration import hash_secret


def issue_key(
    keys: ApiKeys, owner: str, *, name: str, scopes: set[Scope], expires_at: datetime | None
) -> tuple[ApiKey, str]:
    """Create a key. Return it with its token, which is not stored.

    Raises:
        TooManyKeys: the owner has as many keys as one can have.
    """
    if len(keys.list(owner)) >= MAX_KEYS:
        raise TooManyKeys(MAX_KEYS)
    ordered = tuple(scope for scope in Scope if scope in scopes)
    key = ApiKey(new_id(), name, ordered, datetime.now(UTC), expires_at)
    token = TOKENS.make(owner, key.id)
    keys.add(owner, StoredKey(key, hash_secret(token)))
    return key, token


def authenticate_key(keys: ApiKeys, token: str) -> tuple[RowAddress, ApiKey]:
    """Return the key of a token and its address, and record the day of its use.

    The key is read from the store each time, so a revoked key is rejected at once.

    Raises:
        InvalidToken: no key has this token, or the key has expired or was revoked.
    """
    address, now = TOKENS.parse(token), datetime.now(UTC)
    stored = keys.find(address) if address else None
    if not address or not stored or not hmac.compare_digest(stored.token_hash, hash_secret(token)):
        raise InvalidToken.of_key()
    key = stored.key
    if key.expires_at and key.expires_at <= now:
        raise InvalidToken.of_key()
    if not key.last_used or key.last_used < now.date():
        keys.record_use(address, now.date())
    return address, key
