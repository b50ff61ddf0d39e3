from collections import Counter

from app.domain.inflections import list_forms
from app.domain.synonyms import DETECTED_TAGS, GROUP_WORDS, GROUPS, PAIRS, WORDS
from app.domain.tags import queried_tag_name
from tests.support.coco_names import COCO_NAMES


def list_words(text: str) -> list[str]:
    return text.split(", ")


def test_tables_name_only_tags_that_the_detector_finds() -> None:
    assert {*COCO_NAMES} == DETECTED_TAGS
    assert {tag for tags in PAIRS for tag in list_words(tags)} <= DETECTED_TAGS
    assert GROUP_WORDS.keys() <= GROUPS.keys()


def test_each_word_has_one_meaning_and_is_written_as_a_tag() -> None:
    words = [
        *GROUPS,
        *(word for text in (*WORDS.values(), *PAIRS.values(), *GROUP_WORDS.values()) for word in list_words(text)),
    ]
    other_words = Counter(words)

    assert [word for word in words if queried_tag_name(word) != word] == []
    assert [word for word, number in other_words.items() if number > 1] == []
    assert [word for word in words if word in COCO_NAMES] == []
    assert all(list_forms(word)[0] == word for word in words)
