import pytest

from tests.support import sampling
from tests.support.sampling import on_stores, sample

LETTERS = [pytest.param(letter, id=letter.upper()) for letter in "abcde"]


@pytest.fixture
def is_torture(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "TORTURE", request.param)


def list_ids(mark: pytest.MarkDecorator) -> list[str]:
    return [case.id for case in mark.args[1]]


@pytest.mark.parametrize("is_torture", [False], indirect=True)
@pytest.mark.parametrize(
    ("cases", "start", "expected"),
    [("abcdefg", 0, "adg"), ("abcdefg", 1, "be"), ("abcdefg", 5, "cf"), ("ab", 5, "b"), ("", 5, "")],
)
def test_sample_has_one_in_three_cases_and_at_least_one(
    is_torture: None, cases: str, start: int, expected: str
) -> None:
    assert sample(cases, 3, start) == expected


@pytest.mark.parametrize("is_torture", [True], indirect=True)
def test_sample_in_make_torture_has_all_cases(is_torture: None) -> None:
    assert sample("abcdefg", 3, 1) == "abcdefg"


@pytest.mark.parametrize(
    ("is_torture", "on_aws"),
    [(False, ["aws-A", "aws-D"]), (True, ["aws-A", "aws-B", "aws-C", "aws-D", "aws-E"])],
    indirect=["is_torture"],
)
def test_all_cases_run_on_one_machine_and_a_sample_on_aws(is_torture: None, on_aws: list[str]) -> None:
    mark = on_stores("scene", ["letter"], LETTERS, stride=3)

    assert list_ids(mark) == ["local-A", "local-B", "local-C", "local-D", "local-E", *on_aws]
