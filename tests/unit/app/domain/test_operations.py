import pytest

from app.domain.errors import OperationNotFound
from app.domain.operations import make_operation_id, parse_operation_id

UUID, ULID = "3F2504E0-4F89-41D3-9A0C-0305E82C3301", "01JD8XK3V5M0Z8Q4N2C7R9T1WY"


@pytest.mark.parametrize("text", [UUID, ULID])
def test_operation_id_is_returned_in_lower_case(text: str) -> None:
    assert parse_operation_id(text) == parse_operation_id(text.lower()) == text.lower()


@pytest.mark.parametrize(
    "text", ["", "x", f"{UUID}\n", f"{UUID}#", UUID.replace("-", ""), f"8{ULID[1:]}", f"{ULID[:-1]}U"]
)
def test_other_text_is_no_operation_id(text: str) -> None:
    with pytest.raises(OperationNotFound):
        parse_operation_id(text)


def test_new_operation_id_depends_only_on_the_idempotency_key() -> None:
    ids = [make_operation_id(key) for key in ("a", "a", "b", None, None, "")]

    assert ids[0] == ids[1]
    assert len({*ids}) == 5
    assert all(parse_operation_id(each) == each for each in ids)
