import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.adapters.local import account_limits
from app.adapters.local import invitations as invitations_module
from app.adapters.local.database import Database
from app.adapters.local.invitations import SqliteInvitations
from app.domain.errors import TooManyRequests
from app.domain.registration import INVITATION_LIFE, Invitation
from tests.support.fakes import StoppedClock

EMAIL = "anna@example.org"


@pytest.fixture
def invitations(tmp_path: Path) -> SqliteInvitations:
    return SqliteInvitations(Database(tmp_path / "pixtag.db"))


def test_database_contains_neither_the_address_nor_the_token(invitations: SqliteInvitations, tmp_path: Path) -> None:
    invitation = Invitation.make(EMAIL)

    invitations.add(invitation)

    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert [secret for secret in (EMAIL, invitation.token) if secret.encode() in data] == []


def test_add_deletes_expired_invitations(
    invitations: SqliteInvitations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StoppedClock()
    monkeypatch.setattr(invitations_module, "time", clock)
    invitations.add(Invitation.make(EMAIL))
    clock.ahead = int(INVITATION_LIFE.total_seconds()) + 60

    invitations.add(Invitation.make(EMAIL))

    with closing(sqlite3.connect(tmp_path / "pixtag.db")) as connection:
        assert connection.execute("SELECT count(*) FROM invitation").fetchone() == (1,)


def test_attempts_above_the_limit_raise_too_many_requests(
    invitations: SqliteInvitations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_limits, "MAX_REQUESTS_PER_MINUTE", 1)
    monkeypatch.setattr(account_limits, "time", StoppedClock())

    assert not invitations.contains(EMAIL, "wrong")
    with pytest.raises(TooManyRequests):
        invitations.contains(EMAIL, "wrong")
