import pytest

from app.domain.inflections import list_forms


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("dogs", "dog"),
        ("traffic lights", "traffic light"),
        ("puppies", "puppy"),
        ("knives", "knife"),
        ("wolves", "wolf"),
        ("buses", "bus"),
        ("benches", "bench"),
        ("glasses", "glass"),
        ("mice", "mouse"),
        ("young women", "young woman"),
        ("dog", "dogs"),
        ("sandwich", "sandwiches"),
        ("city", "cities"),
        ("man", "men"),
        ("grass", "grass"),
        ("gas", "gas"),
    ],
)
def test_list_forms_contains_the_text_first_and_the_other_form(text: str, form: str) -> None:
    forms = list_forms(text)

    assert forms[0] == text
    assert form in forms


@pytest.mark.parametrize(("text", "form"), [("glass", "glas"), ("bus", "bu"), ("traffic lights", "traffics light")])
def test_list_forms_lacks_what_is_no_form(text: str, form: str) -> None:
    assert form not in list_forms(text)
