from pathlib import Path

import pytest

from app.adapters.local import clock as clock_module
from app.adapters.local import expiry
from app.adapters.local import operations as operations_module
from app.adapters.local.stores import LocalStores
from app.domain.operations import ROW_LIFE
from app.domain.undo_values import make_undo_row
from app.settings import LocalSettings
from tests.support.fakes import Clock, image
from tests.support.local_invariants import list_local_leftovers

OWNER, FIRST, SECOND = "ada", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3f2504e0-4f89-41d3-9a0c-0305e82c3302"
LIFE = int(ROW_LIFE.total_seconds())
MARGIN = 300  # seconds, because the clock runs during the test


def test_expire_deletes_expired_operations_once_the_clock_was_steady(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores, clock = LocalStores(LocalSettings(data=tmp_path)), Clock()
    for module in (expiry, operations_module):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(expiry, "MAX_ROWS", 1)
    stores.images.expire()  # the clock begins to be steady
    for number, operation_id in enumerate((FIRST, SECOND)):
        clock.ahead = number * LIFE // 2
        operation = stores.operations.proceed(OWNER, operation_id)
        before = stores.images.save(image(OWNER))
        stores.images.save(before, before, undo=make_undo_row(operation, before, before))
    counts = []
    for ahead in (LIFE - MARGIN, LIFE + MARGIN, 2 * LIFE):
        clock.ahead = ahead
        stores.images.expire()
        leftovers = list_local_leftovers(tmp_path, OWNER)
        counts.append((leftovers.count("operation"), leftovers.count("undo")))
    stores.database.close()

    assert clock_module.JUMP_SECONDS > LIFE
    assert counts == [(2, 2), (1, 1), (0, 0)]


def test_expire_keeps_operations_after_a_jump_of_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stores, clock = LocalStores(LocalSettings(data=tmp_path)), Clock()
    monkeypatch.setattr(expiry, "time", clock)
    stores.operations.proceed(OWNER, FIRST)
    clock.ahead = LIFE + 1

    stores.images.expire()  # the first call counts as a jump

    assert list_local_leftovers(tmp_path, OWNER) == ["operation"]
    stores.database.close()
