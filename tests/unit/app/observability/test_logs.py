import json
import logging
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from app.observability import logs

THROTTLED = ClientError({"Error": {"Code": "Throttled", "Message": "ada@example.com"}}, "GetItem")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    """A logger of ours, while whatever is set up is taken back afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("app")
    levels = root.level, ours.level
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "worker")
    logs.begin()
    yield logging.getLogger("app.anything")
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


@pytest.fixture
def in_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "pixtag-worker")


def test_who_has_no_name_logs_as_they_like(written: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POWERTOOLS_SERVICE_NAME")
    before = list(logging.getLogger().handlers)

    logs.set_up()

    assert logging.getLogger().handlers == before


def test_on_a_laptop_a_line_is_text(written: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()
    logs.note(correlation_id="01j")

    written.info("ingested %s", "01j")

    assert capsys.readouterr().out == "worker: ingested 01j\n"


def test_in_lambda_a_line_is_json_with_its_facts(
    written: logging.Logger, in_lambda: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up()
    logs.begin(request_id="r1")
    logs.note(correlation_id="01j")

    written.info("ingested %s", "01j")

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


def test_facts_of_one_request_are_none_of_the_next(written: logging.Logger, in_lambda: None) -> None:
    record = logging.makeLogRecord({})
    logs.begin(request_id="r1")
    logs.note(correlation_id="01j")

    logs.begin(request_id="r2")

    assert logs.add_facts(record)
    assert (record.request_id, hasattr(record, "correlation_id")) == ("r2", False)  # type: ignore[attr-defined]


def test_libraries_tell_only_of_trouble(written: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()

    logging.getLogger("mangum.http").info("GET /images/ada@example.com 404")
    logging.getLogger("botocore").warning("slow")

    assert capsys.readouterr().out == "worker: slow\n"


@pytest.mark.parametrize("as_json", [True, False])
def test_an_exception_is_told_with_its_causes_and_without_their_messages(
    written: logging.Logger, *, as_json: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
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
        written.exception("it failed")

    text = capsys.readouterr().out
    assert "botocore.exceptions.ClientError: GetItem: Throttled" in text
    assert text.index("Throttled") < text.index("builtins.ValueError")
    assert "test_logs.py" in text
    assert "ada@example.com\\n" not in text
    assert "ada@example.com: " not in text


def test_an_exception_that_hides_what_led_to_it_is_told_alone() -> None:
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
