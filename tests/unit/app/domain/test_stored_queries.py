import pytest

from app.domain.errors import InvalidQuery
from app.domain.query import parse
from app.domain.stored_queries import parse_stored
from app.domain.terms import Term


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("-dog", ["-dog"]),
        ("!-dog>=2|cat, -", ["-dog", "cat", "-"]),
        ('"dog"', ['"dog"']),
        ('dog, "cat', ["dog", '"cat']),
        ("((a), (b))", ["((a)", "(b))"]),
        ("(a, (b) c)|d", ["(a", "(b) c)", "d"]),
        ("dog,cat", ["dog", "cat"]),
        ("wow!>=2, dog", ["wow!", "dog"]),
    ],
)
def test_parse_of_query_of_an_earlier_version_keeps_its_meaning(text: str, tags: list[str]) -> None:
    query = parse_stored(text)

    assert [term.tag for clause in query.clauses for term in clause] == tags
    assert parse_stored(str(query)) == query


def test_parse_of_query_of_an_earlier_version_allows_24_tags() -> None:
    text = ", ".join(f"tag {number}" for number in range(24))

    assert str(parse_stored(text)) == text
    with pytest.raises(InvalidQuery, match="at most 22 tags"):
        parse(text)
    with pytest.raises(InvalidQuery, match="at most 24 tags"):
        parse_stored(f"{text}, dog")


@pytest.mark.parametrize("text", ["name:2..5", "dog|!text:0..1, lens:2..3", "is:2..5, !is:0..3"])
def test_parse_of_query_before_conditions_on_texts_contains_tags(text: str) -> None:
    query = parse_stored(text)

    assert not query.texts
    assert str(query).replace('"', "").replace("<=", ":0..") == text
    assert parse_stored(str(query)) == query


@pytest.mark.parametrize(
    "text", ["!dog", '"-dog", "taken"=1', "mouse (pet)", "person:2..5|cat, taken:2019, !is:favourite"]
)
def test_parse_of_stored_canonical_query_equals_the_query(text: str) -> None:
    assert parse_stored(text) == parse(text)


def test_parse_of_quoted_name_in_canonical_form_is_the_tag_without_quotes() -> None:
    assert parse_stored('"-dog"').clauses == ((Term("-dog"),),)
