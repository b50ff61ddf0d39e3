import json
import struct

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest

from detector.conversion.darknet import DarknetError
from detector.conversion.network import Training, convert

NET = "[net]\nwidth=4\n"
CONVOLUTION = "[convolutional]\nfilters=6\nsize=1\nactivation=linear\n"
HEAD = "[yolo]\nmask=1\nanchors=1,2, 3,4\nclasses=1\n"
RAMP = np.arange(16, dtype=np.float32).reshape(4, 4)


def weights(*numbers: npt.ArrayLike, version: int = 2) -> bytes:
    header = struct.pack("<iiiq" if version >= 2 else "<iiii", 0, version, 0, 0)
    return header + b"".join(np.asarray(array, "<f4").tobytes() for array in numbers)


def session(cfg: str, file: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(convert(Training("toy@1", cfg, file, ["thing"])))


def run(cfg: str, file: bytes, red: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """All cells' numbers for a picture with ``red`` (0 to 255) in its third channel, as OpenCV has it."""
    pixels = np.stack([np.zeros_like(red), np.zeros_like(red), red], axis=-1).astype(np.uint8)
    return np.asarray(session(cfg, file).run(None, {"pixels": pixels[np.newaxis]})[0])


def red_kernel(filters: int = 6, size: int = 1) -> npt.NDArray[np.float32]:
    """Of which the first filter adds up red, and the others see nothing."""
    kernel = np.zeros((filters, 3, size, size), np.float32)
    kernel[0, 0] = 1
    return kernel


def red_after(sections: str, red: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """What becomes of red in the sections, in their first channel, from 0 to 255."""
    return 255 * run(NET + CONVOLUTION + sections + HEAD, weights(np.zeros(6), red_kernel()), red)[:, 0]


def test_convolution_sees_bgr_bytes_as_rgb_fractions() -> None:
    cells = run(NET + CONVOLUTION + HEAD, weights([1, 0, 0, 0, 0, 5], red_kernel()), RAMP)

    assert cells[:, 0] == pytest.approx(1 + RAMP.ravel() / 255)
    assert cells[:, 5] == pytest.approx(np.full(16, 5))


def test_convolution_with_padding_and_stride() -> None:
    section = "[convolutional]\nfilters=6\nsize=3\nstride=2\npad=1\nactivation=linear\n"

    cells = run(NET + section + HEAD, weights(np.zeros(6), red_kernel(size=3)), np.full((4, 4), 51, np.float32))

    assert cells[:, 0] == pytest.approx([0.8, 1.2, 1.2, 1.8])


def test_batch_normalisation_is_folded_in() -> None:
    bias, scale, mean, variance = np.full(6, 7), np.full(6, 3), np.full(6, 0.25), np.full(6, 4)
    section = CONVOLUTION + "batch_normalize=1\n"

    cells = run(NET + section + HEAD, weights(bias, scale, mean, variance, red_kernel()), RAMP)

    assert cells[:, 0] == pytest.approx(7 + 3 * (RAMP.ravel() / 255 - 0.25) / 2, abs=1e-5)


def test_leaky_lets_a_tenth_of_what_is_negative_through() -> None:
    section = CONVOLUTION.replace("linear", "leaky")

    cells = run(NET + section + HEAD, weights([-1, 1, 0, 0, 0, 0], np.zeros((6, 3))), RAMP)

    assert cells[0, :2] == pytest.approx([-0.1, 1])


def test_relu_lets_nothing_negative_through() -> None:
    section = CONVOLUTION.replace("linear", "relu")

    cells = run(NET + section + HEAD, weights([-1, 1, 0, 0, 0, 0], np.zeros((6, 3))), RAMP)

    assert cells[0, :2] == pytest.approx([0, 1])


def test_each_group_sees_its_own_channels() -> None:
    grouped = CONVOLUTION + "groups=2\n"  # filters 0 to 2 see channels 0 to 2
    kernel = np.zeros((6, 3), np.float32)
    kernel[1, 0] = kernel[4, 0] = 2

    cells = run(NET + CONVOLUTION + grouped + HEAD, weights(np.zeros(6), red_kernel(), np.zeros(6), kernel), RAMP)

    assert 255 * cells[1] == pytest.approx([0, 2, 0, 0, 0, 0])


def test_shortcut_adds_and_dropout_does_nothing() -> None:
    sections = "[maxpool]\nsize=2\nstride=1\n[dropout]\nprobability=.5\n[shortcut]\nfrom=-3\nactivation=linear\n"

    assert red_after(sections, RAMP)[:3] == pytest.approx([0 + 5, 1 + 6, 2 + 7])


def test_route_takes_one_group_of_the_channels() -> None:
    sections = "[route]\nlayers=-1\ngroups=2\ngroup_id=1\n[route]\nlayers=-1,0\n[route]\nlayers=-1,-2\n"
    twelve = "[yolo]\nmask=0,1\nanchors=1,2,3,4\nclasses=1\n"

    cells = run(NET + CONVOLUTION + sections + twelve, weights(np.zeros(6), red_kernel()), RAMP)

    # Three channels without red, then six with it in the first, then the three again: two anchors of six numbers.
    assert 255 * cells[2:4] == pytest.approx(np.array([[0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0]]))


def test_maxpool_of_stride_1_keeps_the_size_and_looks_right_and_down() -> None:
    pooled = red_after("[maxpool]\nsize=2\nstride=1\n", RAMP)

    assert pooled == pytest.approx([5, 6, 7, 7, 9, 10, 11, 11, 13, 14, 15, 15, 13, 14, 15, 15])


def test_maxpool_of_stride_2_halves() -> None:
    assert red_after("[maxpool]\nsize=2\nstride=2\n", RAMP) == pytest.approx([5, 7, 13, 15])


def test_upsample_repeats_rows_and_columns() -> None:
    sections = "[maxpool]\nsize=2\nstride=2\n[upsample]\nstride=2\n"

    assert red_after(sections, RAMP) == pytest.approx(np.kron([[5, 7], [13, 15]], np.ones((2, 2))).ravel())


def test_route_goes_back_by_negative_and_to_a_layer_by_positive_numbers() -> None:
    three = "[convolutional]\nfilters=3\nsize=1\nactivation=linear\n"
    sections = three + "[maxpool]\nsize=2\nstride=1\n[route]\nlayers=-1, 0\n"

    cells = run(NET + sections + HEAD, weights(np.zeros(3), red_kernel(3)), RAMP)

    assert 255 * cells[0] == pytest.approx([5, 0, 0, 0, 0, 0])
    assert 255 * cells[1] == pytest.approx([6, 0, 0, 1, 0, 0])


def test_metadata_tell_model_labels_strides_and_the_anchors_of_the_mask() -> None:
    sections = CONVOLUTION + "[maxpool]\nsize=2\nstride=2\n"

    toy = session(NET + sections + HEAD, weights(np.zeros(6), red_kernel()))

    metadata = toy.get_modelmeta().custom_metadata_map
    assert metadata["model"] == "toy@1"
    assert json.loads(metadata["labels"]) == ["thing"]
    assert json.loads(metadata["heads"]) == [{"stride": 2, "anchors": [[3, 4]], "scale": 1.0}]
    assert (float(metadata["confidence"]), float(metadata["further"])) == (0.15, 0.065)


def test_weights_of_the_first_format_have_a_shorter_header() -> None:
    cells = run(NET + CONVOLUTION + HEAD, weights(np.arange(6), red_kernel(), version=1), RAMP)

    assert cells[0] == pytest.approx(range(6))


def test_comments_and_blank_lines_are_skipped() -> None:
    cfg = f"# toy\n{NET}\n##########\n{CONVOLUTION}# stride=2\n{HEAD}"

    assert len(run(cfg, weights(np.zeros(6), red_kernel()), RAMP)) == 16


@pytest.mark.parametrize(
    ("sections", "complaint"),
    [
        ("[gru]\n", r"\[gru\] in line 7 .* of a kind that PixTag does not know"),
        ("[shortcut]\nfrom=1\n", r"\[shortcut\] in line 7 .* a layer that does not come before it"),
        ("[maxpool]\nstride=2\n[shortcut]\nfrom=-2\n", r"\[shortcut\] in line 9 .* adds layers of different sizes"),
        ("[convolutional]\nfilters=4\ngroups=4\n", r"cannot part 6 channels and 4 filters into 4 groups"),
        ("[convolutional]\nfilters=0\n", r"\[convolutional\] in line 7 .* needs more than 0 for filters"),
        ("[route]\nlayers=-1\ngroups=4\n", r"\[route\] in line 7 .* has no group 0 of 4 in 6 channels"),
        ("[route]\nlayers=-1\ngroups=2\ngroup_id=2\n", r"\[route\] in line 7 .* has no group 2 of 2"),
        ("[upsample]\nstride=2\n", r"\[upsample\] in line 7 .* enlarges beyond the photograph"),
        ("[yolo]\nmask=0\nanchors=1,2\nclasses=1\nnew_coords=1\n", r"\[yolo\] .* does not know: new_coords"),
        ("[yolo]\nmask=0\nanchors=1,2\nclasses=1\nscale_x_y=x\n", r"\[yolo\] .* needs a number for scale_x_y"),
        ("[maxpool]\nsize=2\nantialiasing=1\n", r"\[maxpool\] in line 7 .* PixTag does not know: antialiasing"),
        ("[maxpool]\nsize=two\n", r"\[maxpool\] in line 7 .* needs whole numbers for size"),
        ("[route]\n", r"\[route\] in line 7 .* needs whole numbers for layers"),
        ("[route]\nlayers=-2\n", r"\[route\] in line 7 .* a layer that does not come before it"),
        ("[route]\nlayers=1\n", r"\[route\] in line 7 .* a layer that does not come before it"),
        ("[maxpool]\nstride=2\n[route]\nlayers=-1,-2\n", r"\[route\] in line 9 .* layers of different sizes"),
        ("[convolutional]\nactivation=mish\n", r"\[convolutional\] in line 7 .* does not know: mish"),
        ("[convolutional]\nfilters=9\n", r"\[convolutional\] in line 7 .* needs 54 numbers, .* has only 7 left"),
        ("[route]\nlayers=-1,-1\n", r"\[yolo\] in line 9 .* does not fit the number of filters"),
        ("[yolo]\nmask=2\nanchors=1,2,3,4\nclasses=1\n", r"\[yolo\] in line 7 .* an anchor .* does not have"),
        (
            "[yolo]\nmask=0\nanchors=1,2\nclasses=80\n",
            r"\[yolo\] in line 7 .* classes than the 1 names: give its own by --names",
        ),
        ("", "holds 16 numbers more than the cfg asks for"),
    ],
)
def test_what_does_not_fit_is_named(sections: str, complaint: str) -> None:
    file = weights(np.zeros(6), red_kernel(), np.zeros(16))

    with pytest.raises(DarknetError, match=complaint):
        convert(Training("toy@1", NET + CONVOLUTION + sections + HEAD, file, ["thing"]))


@pytest.mark.parametrize("cfg", ["", "width=4\n", CONVOLUTION])
def test_cfg_must_begin_with_net(cfg: str) -> None:
    with pytest.raises(DarknetError, match=r"does not begin with a section \[net\]"):
        convert(Training("toy@1", cfg, weights(), ["thing"]))


def test_colours_are_not_parted_into_groups() -> None:
    cfg = NET + CONVOLUTION + "groups=3\n" + HEAD

    with pytest.raises(DarknetError, match="cannot part 3 channels and 6 filters into 3 groups"):
        convert(Training("toy@1", cfg, weights(np.zeros(60)), ["thing"]))


@pytest.mark.parametrize(
    ("variance", "complaint"),
    [(np.nan, "numbers from the weights file that are not finite"), (-1, "a variance below 0")],
)
def test_weights_that_nobody_trained_are_refused(variance: float, complaint: str) -> None:
    file = weights(np.zeros(18), np.full(6, variance), red_kernel())

    with pytest.raises(DarknetError, match=complaint):
        convert(Training("toy@1", NET + CONVOLUTION + "batch_normalize=1\n" + HEAD, file, ["thing"]))


def test_cfg_must_have_a_head() -> None:
    with pytest.raises(DarknetError, match=r"has no section \[yolo\]"):
        convert(Training("toy@1", NET, weights(), ["thing"]))


def test_empty_weights_file_is_too_short() -> None:
    with pytest.raises(DarknetError, match="needs 6 numbers, but the weights file has only 0 left"):
        convert(Training("toy@1", NET + CONVOLUTION + HEAD, b"", ["thing"]))
