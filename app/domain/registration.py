"""Decides who may register, and defines invitations."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from urllib.parse import quote

from app.domain.errors import InvalidAccount

# Regular expression dialects disagree on whether U+0085 and U+FEFF are white space. The pattern
# names both characters, so that every dialect gives the same result.
_WORD: Final = r"[^@\s\u0085\ufeff]+"
ADDRESS: Final = f"^{_WORD}@{_WORD}\\.{_WORD}$"
NO_ADDRESS: Final = "This is not an e-mail address. Use the form ada@example.com."
INVITATION_LIFE: Final = timedelta(days=7)


class RegistrationMode(StrEnum):
    """The people who may register without an invitation: everyone, some addresses, or no one."""

    OPEN = "open"
    LIMITED = "limited"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RegistrationRule:
    """The addresses that may register without an invitation.

    Attributes:
        mode: The people who may register. With `LIMITED`, the addresses and the domains may.
        addresses: E-mail addresses in lower case.
        domains: Domains in lower case, without their subdomains.
    """

    mode: RegistrationMode
    addresses: frozenset[str] = field(default=frozenset(), repr=False)
    domains: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the rule of a valid setting `PIXTAG_REGISTRATION` in lower case."""
        if text in {RegistrationMode.OPEN, RegistrationMode.CLOSED}:
            return cls(RegistrationMode(text))
        entries = {entry.strip() for entry in text.split(",")}
        domains = frozenset(entry[1:] for entry in entries if entry.startswith("@"))
        addresses = frozenset(entry for entry in entries if not entry.startswith("@"))
        return cls(RegistrationMode.LIMITED, addresses, domains)

    def allows(self, email: str) -> bool:
        """Return whether the address may register without an invitation."""
        address = email.lower()
        name, _, domain = address.rpartition("@")
        is_listed = address in self.addresses or (bool(name) and domain in self.domains)
        return self.mode is RegistrationMode.OPEN or is_listed

    def allows_change(self, old: str, new: str) -> bool:
        """Return whether an account may replace its old address with the new one.

        An address on the list may only be replaced with another one on it. Otherwise, a person with one such address
        could register any number of accounts with it.
        """
        return self.mode is not RegistrationMode.LIMITED or self.allows(new) or not self.allows(old)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Lets one address register within seven days.

    Attributes:
        email: The address in lower case.
        token: The secret in the link. Stores contain only its hash.
        expires_at: When the invitation ends.
    """

    email: str = field(repr=False)
    token: str = field(repr=False)
    expires_at: datetime

    @classmethod
    def make(cls, email: str) -> Self:
        """Return a new invitation.

        Raises:
            InvalidAccount: this is not an e-mail address.
        """
        if not re.fullmatch(ADDRESS, email):
            raise InvalidAccount(NO_ADDRESS)
        return cls(email.lower(), secrets.token_urlsafe(32), datetime.now(UTC) + INVITATION_LIFE)

    def link(self, ui_url: str) -> str:
        """Return the link to the registration form. Browsers do not send the part after `#`, so no log contains it."""
        return f"{ui_url}/register#invitation={self.token}&email={quote(self.email, safe='@')}"


def hash_secret(text: str) -> str:
    """Return the SHA-256 digest of an address or of a token, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
