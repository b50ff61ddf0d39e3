import pytest

from app.domain.query import Query
from app.domain.sentences import MAX_WORDS, read_sentence
from app.domain.vocabulary import Certainty, Vocabulary
from tests.support.coco_names import make_totals

VOCABULARY = Vocabulary(make_totals("beach 2019", "halloween", "new year's eve"))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("two dogs and a cat", "dog>=2, cat"),
        ("one dog and twenty one cats", "dog, cat>=21"),
        ("2-3 sheep", "sheep:2..3"),
        ("two or three dogs", "dog:2..3"),
        ("between 2 and 4 people", "person:2..4"),
        ("three to two dogs", "dog>=2"),
        ("more than 10 people", "person>=11"),
        ("fewer than three people", "person<=2"),
        ("less than 0 dogs", "dog=0"),
        ("at most two dogs", "dog<=2"),
        ("only two dogs", "dog=2"),
        ("only dogs", "dog"),
        ("three or more bottles", "bottle>=3"),
        ("2+ bottles", "bottle>=2"),
        ("four bottles or less", "bottle<=4"),
        ("or more", ""),
        ("a couple of dogs", "dog>=2"),
        ("many birds", "bird>=3"),
        ("two dogs or cats", "dog>=2|cat>=2"),
        ("two dogs or a cat", "dog>=2|cat"),
        ("cats, dogs or birds", "cat|dog|bird"),
        ("cats, dogs and birds", "cat, dog, bird"),
        ("neither dogs nor cats", "!dog, !cat"),
        ("dogs without people or cars", "dog, !person, !car"),
        ("without people on the couch", "!person, couch"),
        ("no people but dogs", "!person, dog"),
        ("no cyclists", "!person|!bicycle"),
        ("nobody on a bench", "!person, bench"),
        ("horses before 2018", "horse, taken<=2017"),
        ("people since may 2020", "person, taken>=2020-05"),
        ("cats from 2018 to 2019", "cat, taken:2018..2019"),
        ("beach 2019", "beach 2019"),
        ("Halloween 2019", "halloween, taken:2019"),
        ("New Year\u2019s Eve 2019", "new year's eve, taken:2019"),
        ("St. Patrick's Day 2019", "taken:2019-03-17"),
        ("cats on Christmas Eve 2018", "cat, taken:2018-12-24"),
        ("two baby elephants and a baby", "elephant>=2, person"),
        ("no newborn lambs", "!sheep"),
        ("baby cat", "person, cat"),
        ("baby car", "person, car"),
        ("a baby rider", "person, horse"),
        ("a baby xyzzy", "person"),
        ("a cat, a baby", "cat, person"),
        ("cats and cats", "cat"),
        ("10000 cats", "cat"),
        ("dog or", "dog"),
        ("or dog", "dog"),
        ("a photo of the", ""),
        ("", ""),
    ],
)
def test_read_sentence_returns_its_query(text: str, query: str) -> None:
    reading = read_sentence(text, VOCABULARY)

    assert str(Query(reading.clauses, reading.taken)) == query


def test_read_sentence_names_the_words_that_it_ignores_once() -> None:
    reading = read_sentence("a red dog on a red beach by the sea", VOCABULARY)

    assert reading.ignored == ("red", "beach", "sea")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("an umbrela and a girafe", "umbrella, giraffe"),
        ("baby elefant", "elephant"),
        ("a dog at the lake", "dog"),
        ("riding a dog", "dog"),
        ("baseball with a dog", "baseball bat|baseball glove, dog"),
    ],
)
def test_read_sentence_with_mistakes_corrects_only_uncommon_words(text: str, query: str) -> None:
    assert str(Query(read_sentence(text, VOCABULARY, Certainty.SPELLING).clauses)) == query


def test_read_sentence_of_many_words_reads_the_first_ones() -> None:
    text = " ".join(["umbrelq"] * 9 + ["dog"] * MAX_WORDS + ["cat"])

    reading = read_sentence(text, Vocabulary(make_totals()[15:17]), Certainty.SPELLING)

    assert (str(Query(reading.clauses)), reading.ignored) == ("dog", ("umbrelq",))


def test_read_sentence_about_nobody_without_people_in_the_library_has_no_condition() -> None:
    assert read_sentence("nobody", Vocabulary(make_totals()[1:])).clauses == ()


@pytest.mark.parametrize(
    ("text", "query"),
    [("dogs in summer 2019", "dog, summer, taken:2019"), ("baby elephant", "baby, elephant")],
)
def test_read_sentence_with_a_word_that_is_a_tag_keeps_the_tag(text: str, query: str) -> None:
    reading = read_sentence(text, Vocabulary(make_totals("summer", "baby")))

    assert str(Query(reading.clauses, reading.taken)) == query
