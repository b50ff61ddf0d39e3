import pytest

from app.domain.tags import TagTotal
from app.domain.vocabulary import Certainty, Meaning, Vocabulary, split_words
from tests.support.coco_names import make_totals

VOCABULARY = Vocabulary(make_totals("beach", "black dog", "C++ course", "\N{DOG}"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two dogs, a hot-dog", ["two", "dogs", ",", "a", "hot", "dog"]),
        ("2-3 sheep", ["2", "-", "3", "sheep"]),
        ("2\N{EN DASH}3 sheep", ["2", "-", "3", "sheep"]),
        ("the dog's and dogs' toys, isn't it", ["the", "dog", "and", "dogs", "toys", ",", "isn't", "it"]),
        ("2+ bottles & \N{DOG}", ["2", "+", "bottles", "&"]),
        ("", []),
    ],
)
def test_split_words_returns_words_numbers_and_signs(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@pytest.mark.parametrize(
    ("text", "certainty", "meaning"),
    [
        ("dogs", Certainty.SURE, (("dog",),)),
        ("beaches", Certainty.SURE, (("beach",),)),
        ("black dogs", Certainty.SURE, (("black dog",),)),
        ("cellphones", Certainty.SURE, (("cell phone",),)),
        ("motor bike", Certainty.SURE, (("motorcycle",),)),
        ("cyclists", Certainty.SURE, (("person",), ("bicycle",))),
        ("fruit", Certainty.SURE, (("banana", "apple", "orange"),)),
        ("racket", Certainty.SURE, (("tennis racket",),)),
        ("course", Certainty.SURE, (("C++ course",),)),
        ("black", Certainty.SURE, None),
        ("black", Certainty.PARTS, (("black dog",),)),
        ("baseball", Certainty.PARTS, (("baseball bat", "baseball glove"),)),
        ("umbrela", Certainty.PARTS, None),
        ("umbrela", Certainty.SPELLING, (("umbrella",),)),
        ("elefantz", Certainty.SPELLING, None),
        ("skatebord", Certainty.SPELLING, (("skateboard",),)),
        ("very umbrela", Certainty.SPELLING, None),
    ],
)
def test_find_returns_the_most_probable_meaning(text: str, certainty: Certainty, meaning: Meaning | None) -> None:
    assert VOCABULARY.find(text.split(), certainty) == meaning


def test_find_returns_only_tags_of_the_library_most_frequent_first() -> None:
    vocabulary = Vocabulary(
        [TagTotal("cow", 9, 9), TagTotal("dog", 3, 3), TagTotal("cat", 5, 5), TagTotal("bear", 0, 0)]
    )

    assert vocabulary.find(["animals"], Certainty.SURE) == (("cow", "cat", "dog"),)
    assert vocabulary.find(["sofa"], Certainty.SPELLING) is None
    assert vocabulary.find(["bear"], Certainty.SPELLING) is None
    assert vocabulary.find(["horse", "rider"], Certainty.SURE) is None
    assert (vocabulary.has("cow"), vocabulary.has("bear")) == (True, False)


def test_find_of_group_returns_at_most_eight_tags() -> None:
    assert VOCABULARY.find(["animal"], Certainty.SURE) == (
        ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear"),
    )
