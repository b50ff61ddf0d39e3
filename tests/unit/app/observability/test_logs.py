import json
import logging
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from app.observability import logs

THROTTLED = ClientError({"Error": {"Code": "Throttled", "Message": "ada@example.com"}}, "GetItem")


@pytest.fixture
def logger(monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    """A logger below `app`. The fixture restores the settings of logging afterwards."""
    root, app_logger = logging.getLogger(), logging.getLogger("app")
    levels = root.level, app_logger.level
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "worker")
    logs.begin()
    yield logging.getLogger("app.anything")
    root.setLevel(levels[0])
    app_logger.setLevel(levels[1])


@pytest.fixture
def in_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "pixtag-worker")


def test_set_up_without_service_name_changes_nothing(logger: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POWERTOOLS_SERVICE_NAME")
    before = list(logging.getLogger().handlers)

    logs.set_up()

    assert logging.getLogger().handlers == before


def test_set_up_disables_the_access_log_of_uvicorn(logger: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    access_log = logging.getLogger("uvicorn.access")
    monkeypatch.setattr(access_log, "disabled", False)

    logs.set_up()

    assert access_log.disabled


def test_set_up_outside_lambda_writes_text(logger: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()
    logs.note(correlation_id="01j")

    logger.info("ingested %s", "01j")

    assert capsys.readouterr().out == "worker: ingested 01j\n"


def test_set_up_in_lambda_writes_json_with_the_facts(
    logger: logging.Logger, in_lambda: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up()
    logs.begin(request_id="r1")
    logs.note(correlation_id="01j")

    logger.info("ingested %s", "01j")

    line = json.loads(capsys.readouterr().out)
    assert (
        line.items()
        >= {
            "level": "INFO",
            "message": "ingested 01j",
            "service": "worker",
            "request_id": "r1",
            "correlation_id": "01j",
        }.items()
    )


def test_begin_drops_the_facts_of_the_previous_request(logger: logging.Logger, in_lambda: None) -> None:
    record = logging.makeLogRecord({})
    logs.begin(request_id="r1")
    logs.note(correlation_id="01j")

    logs.begin(request_id="r2")

    assert logs.add_facts(record)
    assert (record.request_id, hasattr(record, "correlation_id")) == ("r2", False)  # type: ignore[attr-defined]


def test_set_up_omits_info_lines_of_libraries(logger: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()

    logging.getLogger("mangum.http").info("GET /images/ada@example.com 404")
    logging.getLogger("botocore").warning("slow")

    assert capsys.readouterr().out == "worker: slow\n"


@pytest.mark.parametrize("as_json", [True, False])
def test_exception_is_logged_with_its_causes_and_without_messages(
    logger: logging.Logger, *, as_json: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if as_json:
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "pixtag-worker")
    logs.set_up()

    try:
        try:
            raise THROTTLED
        except ClientError as error:
            raise ValueError("ada@example.com") from error
    except ValueError:
        logger.exception("it failed")

    text = capsys.readouterr().out
    assert "botocore.exceptions.ClientError: GetItem: Throttled" in text
    assert text.index("Throttled") < text.index("builtins.ValueError")
    assert "test_logs.py" in text
    assert "ada@example.com\\n" not in text
    assert "ada@example.com: " not in text


def test_exception_with_suppressed_cause_is_logged_alone() -> None:
    try:
        try:
            raise THROTTLED
        except ClientError:
            raise ValueError from None
    except ValueError as error:
        record = logging.makeLogRecord({"exc_info": (ValueError, error, error.__traceback__)})

    logs.add_facts(record)

    assert str(record.exc_text).endswith("builtins.ValueError")
    assert "Throttled" not in str(record.exc_text)
