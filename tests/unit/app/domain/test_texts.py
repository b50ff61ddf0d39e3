import pytest

from app.domain.texts import PhotoTexts, dump_texts, fold, load_texts, read_texts
from detector.metadata.values import Metadata


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("IMG_2034.JPG", "img_2034.jpg"),
        (" Café  am\nSee ", "cafe am see"),
        ("Strasse Straße", "strasse strasse"),
        ("Ёлка Ὀδυσσεύς", "елка οδυσσευσ"),
        ("ガガ", "ガガ"),
        ("हिन्दी", "हिन्दी"),
        ("한글", "한글"),
    ],
)
def test_fold_of_text_ignores_case_and_accents(text: str, folded: str) -> None:
    assert fold(text) == fold(folded) == folded


def test_texts_of_photo_are_its_name_and_metadata() -> None:
    metadata = Metadata(
        camera_make="FUJIFILM", camera_model="X-T4", lens="XF35mmF2", title="Été", description="At\nthe sea"
    )

    texts = read_texts("A.JPG", metadata)

    assert texts == PhotoTexts("a.jpg", "ete", "at the sea", "fujifilm x-t4", "xf35mmf2")
    assert load_texts(dump_texts(texts)) == texts
    assert load_texts(dump_texts(PhotoTexts())) == PhotoTexts()


def test_texts_of_photo_are_cut_between_characters() -> None:
    texts = read_texts("\N{DOG}" * 63, Metadata(title="ä" + "é" * 2_000, camera_make="a" * 49 + " b", lens="ß" * 100))

    assert texts == PhotoTexts("\N{DOG}" * 50, "a" + "e" * 149, "", "a" * 49, "s" * 50)
    assert (
        len(dump_texts(read_texts("a" * 300, Metadata(title="a" * 300, description="a" * 300, lens="a" * 99)))) <= 604
    )
