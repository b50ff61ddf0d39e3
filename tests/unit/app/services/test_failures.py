import logging

import pytest

from app.domain.errors import DatabaseUnusable, ImageDamaged, StorageFull, Unavailable
from app.services.failures import contain_failure


@pytest.mark.parametrize("error", [DatabaseUnusable("It is damaged."), ImageDamaged("1"), StorageFull(), Unavailable()])
def test_failure_that_says_what_to_do_is_logged_without_a_traceback(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[str] = []

    with contain_failure("scheduled work:", "copy", failures):
        raise error

    assert failures == ["copy"]
    (record,) = caplog.records
    assert (record.getMessage(), record.exc_info) == (f"scheduled work: copy failed: {error}", None)


def test_failure_of_the_program_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with contain_failure("scheduled work:", "copy"):
        raise KeyError("name")

    (record,) = caplog.records
    assert (record.levelno, record.exc_info is not None) == (logging.ERROR, True)
