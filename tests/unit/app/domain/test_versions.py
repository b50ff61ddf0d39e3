import pytest

from app.domain.versions import ANY_VERSION, VersionCondition


@pytest.mark.parametrize(
    ("condition", "accepts"),
    [
        (ANY_VERSION, True),
        (VersionCondition(accepted={6, 7}), True),
        (VersionCondition(accepted={6}), False),
        (VersionCondition(accepted=()), False),
        (VersionCondition(refused={6}), True),
        (VersionCondition(refused={7}), False),
        (VersionCondition(refused=None), False),
        (VersionCondition(accepted={7}, refused={7}), False),
    ],
)
def test_condition_accepts_versions(condition: VersionCondition, *, accepts: bool) -> None:
    assert condition.accepts(7) is accepts
