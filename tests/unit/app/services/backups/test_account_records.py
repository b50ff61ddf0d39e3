from dataclasses import replace

import pytest

from app.domain.albums import Album, AlbumOrder
from app.domain.backups import BackupError
from app.domain.ids import EXAMPLE_ID
from app.services.backups.account_records import dump_account, load_account
from tests.support.backups import ACCOUNT
from tests.support.boxes import NOW


def test_account_line_contains_the_albums() -> None:
    chosen = Album(EXAMPLE_ID, "Winter", NOW, cover=EXAMPLE_ID, order=AlbumOrder.HAND)
    account = replace(ACCOUNT, albums=(*ACCOUNT.albums, chosen))

    assert load_account(dump_account(account)) == account


def test_account_line_with_an_album_without_title_is_damaged() -> None:
    with pytest.raises(BackupError):
        load_account(dump_account(replace(ACCOUNT, albums=(Album(EXAMPLE_ID, "", NOW),))))
