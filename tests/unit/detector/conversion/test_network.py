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
    cfg = f"# toy\n{NET}\n##########\n{CONVOLUTION}# stride=2\n{HEAD}"

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
        ("[yolo]\nmask=0\nanchors=1,2\nclasses=1\nnew_coords=1\n", r"\[yolo\] .* does not support: new_coords"),
        ("[yolo]\nmask=0\nanchors=1,2\nclasses=1\nscale_x_y=x\n", r"\[yolo\] .* needs a number for scale_x_y"),
        ("[maxpool]\nsize=2\nantialiasing=1\n", r"\[maxpool\] on line 7 .* PixTag does not support: antialiasing"),
        ("[maxpool]\nsize=two\n", r"\[maxpool\] on line 7 .* needs whole numbers for size"),
        ("[route]\n", r"\[route\] on line 7 .* needs whole numbers for layers"),
        ("[route]\nlayers=-2\n", r"\[route\] on line 7 .* a layer that does not come before it"),
        ("[route]\nlayers=1\n", r"\[route\] on line 7 .* a layer that does not come before it"),
        ("[maxpool]\nstride=2\n[route]\nlayers=-1,-2\n", r"\[route\] on line 9 .* layers of different sizes"),
        ("[convolutional]\nactivation=mish\n", r"\[convolutional\] on line 7 .* does not support: mish"),
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
    with pytest.raises(DarknetError, match=r"has no \[yolo\] section"):
        convert(Training("toy@1", NET, make_weights(), ["thing"]))


def test_convert_with_an_empty_weights_file_raises_darknet_error() -> None:
    with pytest.raises(DarknetError, match="needs 6 weights, but the weights file has only 0 left"):
        convert(Training("toy@1", NET + CONVOLUTION + HEAD, b"", ["thing"]))
