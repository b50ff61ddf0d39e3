import numpy as np

from detector import BoundingBox, Detection
from detector.drawing import draw

BLACK = np.zeros((300, 500, 3), np.uint8)


def test_draw_draws_boxes_into_a_copy() -> None:
    drawn = draw(BLACK, [Detection("dog", 0.9, BoundingBox(100, 100, 200, 250))])

    assert not BLACK.any()
    assert drawn[150:240, 100].all(axis=0).any()
    assert not drawn[150:240, 110:190].any()


def test_draw_keeps_the_label_of_a_box_in_the_corner_inside_the_photo() -> None:
    centre = draw(BLACK, [Detection("traffic light", 0.9, BoundingBox(200, 100, 210, 110))])
    corner = draw(BLACK, [Detection("traffic light", 0.9, BoundingBox(490, 0, 500, 10))])

    assert np.count_nonzero(corner) > 0.9 * np.count_nonzero(centre)


def test_draw_uses_the_same_colour_for_each_box_of_a_label() -> None:
    boxes = [BoundingBox(100, 100, 200, 250), BoundingBox(300, 100, 400, 250)]

    drawn = draw(BLACK, [Detection("dog", 0.9, box) for box in boxes])

    assert (drawn[240, 100] == drawn[240, 300]).all()


def test_draw_without_detections_changes_nothing() -> None:
    assert (draw(BLACK, []) == BLACK).all()
