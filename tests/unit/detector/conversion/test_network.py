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


def make_weights(*numbers: npt.ArrayLike, version: int = 2) -> bytes:
    header = struct.pack("<iiiq" if version >= 2 else "<iiii", 0, version, 0, 0)
    return header + b"".join(np.asarray(array, "<f4").tobytes() for array in numbers)


def make_session(cfg: str, file: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(convert(Training("toy@1", cfg, file, ["thing"])))


def run(cfg: str, file: bytes, red: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the output cells for an image with `red` (0 to 255) in its third channel, as in OpenCV."""
    pixels = np.stack([np.zeros_like(red), np.zeros_like(red), red], axis=-1).astype(np.uint8)
    return np.asarray(make_session(cfg, file).run(None, {"pixels": pixels[np.newaxis]})[0])


def make_red_kernel(filters: int = 6, size: int = 1) -> npt.NDArray[np.float32]:
    """Return a kernel whose first filter sums red and whose other filters are 0."""
    kernel = np.zeros((filters, 3, size, size), np.float32)
    kernel[0, 0] = 1
    return kernel


def run_sections(sections: str, red: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the first channel after the sections, from 0 to 255."""
    return 255 * run(NET + CONVOLUTION + sections + HEAD, make_weights(np.zeros(6), make_red_kernel()), red)[:, 0]


def test_convolution_converts_bgr_bytes_to_rgb_fractions() -> None:
    cells = run(NET + CONVOLUTION + HEAD, make_weights([1, 0, 0, 0, 0, 5], make_red_kernel()), RAMP)

    assert cells[:, 0] == pytest.approx(1 + RAMP.ravel() / 255)
    assert cells[:, 5] == pytest.approx(np.full(16, 5))


def test_convolution_applies_padding_and_stride() -> None:
    section = "[convolutional]\nfilters=6\nsize=3\nstride=2\npad=1\nactivation=linear\n"

    cells = run(
        NET + section + HEAD, make_weights(np.zeros(6), make_red_kernel(size=3)), np.full((4, 4), 51, np.float32)
    )

    assert cells[:, 0] == pytest.approx([0.8, 1.2, 1.2, 1.8])


def test_convolution_includes_batch_normalization() -> None:
    bias, scale, mean, variance = np.full(6, 7), np.full(6, 3), np.full(6, 0.25), np.full(6, 4)
    section = CONVOLUTION + "batch_normalize=1\n"

    cells = run(NET + section + HEAD, make_weights(bias, scale, mean, variance, make_red_kernel()), RAMP)

    assert cells[:, 0] == pytest.approx(7 + 3 * (RAMP.ravel() / 255 - 0.25) / 2, abs=1e-5)


def test_leaky_activation_passes_a_tenth_of_negative_numbers() -> None:
    section = CONVOLUTION.replace("linear", "leaky")

    cells = run(NET + section + HEAD, make_weights([-1, 1, 0, 0, 0, 0], np.zeros((6, 3))), RAMP)

    assert cells[0, :2] == pytest.approx([-0.1, 1])


def test_relu_activation_makes_negative_numbers_0() -> None:
    section = CONVOLUTION.replace("linear", "relu")

    cells = run(NET + section + HEAD, make_weights([-1, 1, 0, 0, 0, 0], np.zeros((6, 3))), RAMP)

    assert cells[0, :2] == pytest.approx([0, 1])


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("logistic", [1 / (1 + np.e), np.e / (1 + np.e)]),
        ("swish", [-1 / (1 + np.e), np.e / (1 + np.e)]),
        ("mish", [-np.tanh(np.log1p(1 / np.e)), np.tanh(np.log1p(np.e))]),
    ],
)
def test_smooth_activations_of_minus_one_and_one(activation: str, expected: list[float]) -> None:
    section = CONVOLUTION.replace("linear", activation)

    cells = run(NET + section + HEAD, make_weights([-1, 1, 0, 0, 0, 0], np.zeros((6, 3))), RAMP)

    assert cells[0, :2] == pytest.approx(expected)


def test_convolution_without_activation_is_logistic_and_shortcut_is_linear() -> None:
    section = CONVOLUTION.replace("activation=linear\n", "")

    cells = run(NET + section + "[shortcut]\nfrom=0\n" + HEAD, make_weights(np.zeros(6), np.zeros((6, 3))), RAMP)

    assert cells[0] == pytest.approx(np.ones(6))


def test_options_for_training_and_neutral_values_change_nothing() -> None:
    options = "stopbackward=1\nlearning_rate=.1\ndilation=1.0\nxnor=0\nstride_x=1\nstride_y=1\n"
    head = HEAD + "focal_loss=1\ncounters_per_class=7\niou_thresh_kind=giou\nnew_coords=0\n"
    shortcut = "[shortcut]\nfrom=-1\nweights_type=none\n"
    weights = make_weights(np.zeros(6), make_red_kernel())

    cells = run(NET + CONVOLUTION + options + shortcut + head, weights, RAMP)

    assert 255 * cells[:, 0] == pytest.approx(2 * RAMP.ravel())


def test_short_section_names_are_the_same_sections() -> None:
    sections = "[max]\nsize=2\nstride=2\n"
    convolution = CONVOLUTION.replace("convolutional", "conv")

    cells = run(NET + convolution + sections + HEAD, make_weights(np.zeros(6), make_red_kernel()), RAMP)

    assert 255 * cells[:, 0] == pytest.approx([5, 7, 13, 15])


def test_option_that_occurs_twice_has_its_first_value() -> None:
    assert len(run_sections("[maxpool]\nsize=2\nstride=2\nstride=1\n", RAMP)) == 4


def test_stride_of_both_axes_replaces_stride() -> None:
    assert len(run_sections("[maxpool]\nsize=2\nstride=1\nstride_x=2\nstride_y=2\n", RAMP)) == 4


def test_route_with_groups_takes_the_group_of_each_layer() -> None:
    bias = [0, 1, 2, 3, 4, 5]
    sections = CONVOLUTION + "[route]\nlayers=-1,-2\ngroups=2\ngroup_id=1\n"
    weights = make_weights(np.zeros(6), np.zeros((6, 3)), bias, np.zeros((6, 6)))

    cells = run(NET + CONVOLUTION + sections + HEAD, weights, RAMP)

    assert cells[0] == pytest.approx([3, 4, 5, 0, 0, 0])


def test_yolo_without_mask_uses_the_first_anchors() -> None:
    head = "[yolo]\nnum=1\nanchors=1.5,2.25, 3,4\nclasses=1\n"

    session = make_session(NET + CONVOLUTION + head, make_weights(np.zeros(6), make_red_kernel()))

    heads = json.loads(session.get_modelmeta().custom_metadata_map["heads"])
    assert heads == [{"stride": 1, "anchors": [[1.5, 2.25]], "scale": 1.0}]


def test_region_has_anchors_in_grid_cells() -> None:
    sections = CONVOLUTION + "[maxpool]\nsize=2\nstride=2\n"
    head = "[region]\nnum=1\nanchors=1.5,2, 3,4\nclasses=1\nsoftmax=1\nthresh=.6\n"

    session = make_session(NET + sections + head, make_weights(np.zeros(6), make_red_kernel()))

    metadata = session.get_modelmeta().custom_metadata_map
    assert json.loads(metadata["heads"]) == [{"stride": 2, "anchors": [[3.0, 4.0]], "scale": 1}]


def test_convolution_with_groups_reads_only_the_channels_of_each_group() -> None:
    grouped = CONVOLUTION + "groups=2\n"  # filters 0 to 2 read channels 0 to 2
    kernel = np.zeros((6, 3), np.float32)
    kernel[1, 0] = kernel[4, 0] = 2

    cells = run(
        NET + CONVOLUTION + grouped + HEAD, make_weights(np.zeros(6), make_red_kernel(), np.zeros(6), kernel), RAMP
    )

    assert 255 * cells[1] == pytest.approx([0, 2, 0, 0, 0, 0])


def test_shortcut_adds_and_dropout_does_nothing() -> None:
    sections = "[maxpool]\nsize=2\nstride=1\n[dropout]\nprobability=.5\n[shortcut]\nfrom=-3\nactivation=linear\n"

    assert run_sections(sections, RAMP)[:3] == pytest.approx([0 + 5, 1 + 6, 2 + 7])


def test_route_with_a_group_returns_its_channels() -> None:
    sections = "[route]\nlayers=-1\ngroups=2\ngroup_id=1\n[route]\nlayers=-1,0\n[route]\nlayers=-1,-2\n"
    two_anchors = "[yolo]\nmask=0,1\nanchors=1,2,3,4\nclasses=1\n"

    cells = run(NET + CONVOLUTION + sections + two_anchors, make_weights(np.zeros(6), make_red_kernel()), RAMP)

    # Three channels without red, six with red in the first, and the three again: two anchors of six numbers.
    assert 255 * cells[2:4] == pytest.approx(np.array([[0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0]]))


def test_maxpool_of_stride_1_keeps_the_size_and_pools_to_the_right_and_down() -> None:
    pooled = run_sections("[maxpool]\nsize=2\nstride=1\n", RAMP)

    assert pooled == pytest.approx([5, 6, 7, 7, 9, 10, 11, 11, 13, 14, 15, 15, 13, 14, 15, 15])


def test_maxpool_of_stride_2_halves_the_size() -> None:
    assert run_sections("[maxpool]\nsize=2\nstride=2\n", RAMP) == pytest.approx([5, 7, 13, 15])


def test_upsample_repeats_rows_and_columns() -> None:
    sections = "[maxpool]\nsize=2\nstride=2\n[upsample]\nstride=2\n"

    assert run_sections(sections, RAMP) == pytest.approx(np.kron([[5, 7], [13, 15]], np.ones((2, 2))).ravel())


def test_route_accepts_relative_and_absolute_layers() -> None:
    three_filters = "[convolutional]\nfilters=3\nsize=1\nactivation=linear\n"
    sections = three_filters + "[maxpool]\nsize=2\nstride=1\n[route]\nlayers=-1, 0\n"

    cells = run(NET + sections + HEAD, make_weights(np.zeros(3), make_red_kernel(3)), RAMP)

    assert 255 * cells[0] == pytest.approx([5, 0, 0, 0, 0, 0])
    assert 255 * cells[1] == pytest.approx([6, 0, 0, 1, 0, 0])


def test_metadata_contains_model_labels_strides_and_anchors_of_the_mask() -> None:
    sections = CONVOLUTION + "[maxpool]\nsize=2\nstride=2\n"

    session = make_session(NET + sections + HEAD, make_weights(np.zeros(6), make_red_kernel()))

    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["model"] == "toy@1"
    assert json.loads(metadata["labels"]) == ["thing"]
    assert json.loads(metadata["heads"]) == [{"stride": 2, "anchors": [[3, 4]], "scale": 1.0}]
    assert (float(metadata["confidence"]), float(metadata["further"])) == (0.15, 0.065)


def test_convert_reads_the_shorter_header_of_the_first_weights_format() -> None:
    cells = run(NET + CONVOLUTION + HEAD, make_weights(np.arange(6), make_red_kernel(), version=1), RAMP)

    assert cells[0] == pytest.approx(range(6))


def test_convert_skips_comments_and_blank_lines() -> None:
    cfg = f"# toy\n; toy\n{NET}\n##########\n{CONVOLUTION}# stride=2\n;stride=2\n{HEAD} ; random=1\n"

    assert len(run(cfg, make_weights(np.zeros(6), make_red_kernel()), RAMP)) == 16


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ("[gru]\n", r"\[gru\] on line 7 .* is a section type that PixTag does not support"),
        ("[shortcut]\nfrom=1\n", r"\[shortcut\] on line 7 .* a layer that does not come before it"),
        ("[maxpool]\nstride=2\n[shortcut]\nfrom=-2\n", r"\[shortcut\] on line 9 .* adds layers of different sizes"),
        ("[convolutional]\nfilters=4\ngroups=4\n", r"cannot divide 6 channels and 4 filters into 4 groups"),
        ("[convolutional]\nfilters=0\n", r"\[convolutional\] on line 7 .* has filters=0, but it must be at least 1"),
        ("[route]\nlayers=-1\ngroups=4\n", r"\[route\] on line 7 .* cannot take group 0 of 4 groups from 6 channels"),
        ("[route]\nlayers=-1\ngroups=2\ngroup_id=2\n", r"\[route\] on line 7 .* cannot take group 2 of 2 groups"),
        ("[upsample]\nstride=2\n", r"\[upsample\] on line 7 .* makes the layer larger than the input"),
        (
            "[yolo]\nmask=0\nanchors=1,2\nclasses=1\nnew_coords=1\n",
            r"\[yolo\] on line 12 .* has other coordinates \(new_coords\) than the heads before it",
        ),
        ("[yolo]\nmask=0\nanchors=1,2\nclasses=1\nscale_x_y=x\n", r"\[yolo\] .* needs numbers for scale_x_y"),
        ("[maxpool]\nsize=2\nantialiasing=1\n", r"\[maxpool\] on line 7 .* PixTag does not support: antialiasing"),
        ("[maxpool]\nangel=1\n", r"\[maxpool\] on line 7 .* PixTag does not support: angel"),
        ("[conv]\ndilation=2\nxnor=1\n", r"\[conv\] on line 7 .* does not support: dilation=2, xnor=1"),
        ("[shortcut]\nfrom=0\nweights_type=per_layer\n", r"does not support: weights_type=per_layer"),
        ("[maxpool]\nstride_x=2\n", r"\[maxpool\] on line 7 .* has stride_x=2 and stride_y=1, but they must be equal"),
        ("[reorg]\nstride=2\n", r"\[reorg\] on line 7 .* cannot use stride=2 and reverse=0 with 6 channels"),
        ("[reorg]\nreverse=1\n", r"\[reorg\] on line 7 .* cannot use stride=1 and reverse=1 with 6 channels"),
        ("[region]\nanchors=1,2\nclasses=1\n", r"\[region\] on line 7 .* has softmax=0"),
        (
            "[region]\nanchors=1,2\nclasses=1\nsoftmax=1\n",
            r"\[yolo\] on line 11 .* has other coordinates \(new_coords\) than the heads before it",
        ),
        ("[region]\nanchors=1,x\nsoftmax=1\n", r"\[region\] on line 7 .* needs numbers for anchors"),
        ("[region]\nanchors=1,nan\nsoftmax=1\n", r"\[region\] on line 7 .* needs numbers for anchors"),
        ("[yolo]\nmask=0\n", r"\[yolo\] on line 7 .* needs numbers for anchors"),
        ("[yolo]\nnum=2\nanchors=1,2,3\n", r"\[yolo\] on line 7 .* a mask that refers to a missing anchor"),
        ("[maxpool]\nsize=two\n", r"\[maxpool\] on line 7 .* needs whole numbers for size"),
        ("[route]\n", r"\[route\] on line 7 .* needs whole numbers for layers"),
        ("[route]\nlayers=-2\n", r"\[route\] on line 7 .* a layer that does not come before it"),
        ("[route]\nlayers=1\n", r"\[route\] on line 7 .* a layer that does not come before it"),
        ("[maxpool]\nstride=2\n[route]\nlayers=-1,-2\n", r"\[route\] on line 9 .* layers of different sizes"),
        ("[convolutional]\nactivation=gelu\n", r"\[convolutional\] on line 7 .* does not support: gelu"),
        ("[convolutional]\nfilters=9\n", r"\[convolutional\] on line 7 .* needs 54 weights, .* has only 7 left"),
        ("[route]\nlayers=-1,-1\n", r"\[yolo\] on line 9 .* does not match the number of filters"),
        (
            "[yolo]\nmask=2\nanchors=1,2,3,4\nclasses=1\n",
            r"\[yolo\] on line 7 .* a mask that refers to a missing anchor",
        ),
        (
            "[yolo]\nmask=0\nanchors=1,2\nclasses=80\n",
            r"\[yolo\] on line 7 .* has classes=80, but the number of labels is 1",
        ),
        ("", "has 16 more weights than the cfg file uses"),
    ],
)
def test_convert_of_an_invalid_network_names_the_problem(sections: str, message: str) -> None:
    file = make_weights(np.zeros(6), make_red_kernel(), np.zeros(16))

    with pytest.raises(DarknetError, match=message):
        convert(Training("toy@1", NET + CONVOLUTION + sections + HEAD, file, ["thing"]))


@pytest.mark.parametrize("cfg", ["", "width=4\n", CONVOLUTION])
def test_convert_of_a_cfg_without_net_raises_darknet_error(cfg: str) -> None:
    with pytest.raises(DarknetError, match=r"does not begin with a \[net\] section"):
        convert(Training("toy@1", cfg, make_weights(), ["thing"]))


def test_convert_of_a_network_for_grey_photos_raises_darknet_error() -> None:
    cfg = NET + "channels=1\n" + CONVOLUTION + HEAD

    with pytest.raises(DarknetError, match=r"\[net\] on line 1 .* has channels=1, but PixTag's photos have 3"):
        convert(Training("toy@1", cfg, make_weights(np.zeros(60)), ["thing"]))


def test_convert_with_groups_in_the_first_convolution_raises_darknet_error() -> None:
    cfg = NET + CONVOLUTION + "groups=3\n" + HEAD

    with pytest.raises(DarknetError, match="cannot divide 3 channels and 6 filters into 3 groups"):
        convert(Training("toy@1", cfg, make_weights(np.zeros(60)), ["thing"]))


@pytest.mark.parametrize(
    ("variance", "message"),
    [(np.nan, "has weights that are not finite"), (-1, "has a negative variance")],
)
def test_convert_with_impossible_weights_raises_darknet_error(variance: float, message: str) -> None:
    file = make_weights(np.zeros(18), np.full(6, variance), make_red_kernel())

    with pytest.raises(DarknetError, match=message):
        convert(Training("toy@1", NET + CONVOLUTION + "batch_normalize=1\n" + HEAD, file, ["thing"]))


def test_convert_of_a_cfg_without_a_head_raises_darknet_error() -> None:
    with pytest.raises(DarknetError, match=r"has no \[yolo\] or \[region\] section"):
        convert(Training("toy@1", NET, make_weights(), ["thing"]))


def test_convert_with_an_empty_weights_file_raises_darknet_error() -> None:
    with pytest.raises(DarknetError, match="needs 6 weights, but the weights file has only 0 left"):
        convert(Training("toy@1", NET + CONVOLUTION + HEAD, b"", ["thing"]))
