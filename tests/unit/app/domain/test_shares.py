from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.shares import Share, ShareKind, StoredShare

NOW = datetime(2026, 2, 1, tzinfo=UTC)
SHARE = Share("id", "", ShareKind.IMAGES, "", 1, NOW, None, has_password=True, originals=False)
STORED = StoredShare(SHARE, "a" * 64, b"s" * 32, "$argon2id$hash")


@pytest.mark.parametrize(("ends_in", "has_ended"), [(None, False), (0, True), (-1, True), (1, False)])
def test_share_ends_at_its_time(ends_in: int | None, has_ended: bool) -> None:  # noqa: FBT001 - a case
    expires_at = None if ends_in is None else NOW + timedelta(seconds=ends_in)

    assert replace(SHARE, expires_at=expires_at).has_ended(NOW) == has_ended


def test_pass_admits_only_to_its_share_and_password() -> None:
    others = [replace(STORED, secret=b"t" * 32), replace(STORED, password_hash="$argon2id$other")]

    assert STORED.admits(STORED.pass_value)
    assert not [other for other in others if other.admits(STORED.pass_value)]
    assert not [value for value in ("", "x", "\udcff", STORED.pass_value[:-1]) if STORED.admits(value)]


def test_share_without_a_password_admits_everyone() -> None:
    assert replace(STORED, password_hash="").admits("")


def test_secrets_are_not_shown() -> None:
    assert not [secret for secret in ("aaaa", "ssss", "argon2id") if secret in repr(STORED)]
