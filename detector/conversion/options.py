"""Checks the options of the sections of a cfg file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from detector.conversion.darknet import Section

_WITHOUT_EFFECT: Final = """
    burnin_update clip dont_update dontsave learning_rate onlyforward smooth stopbackward train_only_bn
    angle assisted_excitation dropblock dropblock_size_abs dropblock_size_rel grad_centr probability
    absolute beta_nms bias_match class_scale classfix cls_normalizer coord_scale counters_per_class delta_normalizer
    focal_loss ignore_thresh iou_loss iou_normalizer iou_thresh iou_thresh_kind jitter label_smooth_eps log mask_scale
    max max_delta nms_kind noobject_scale obj_normalizer object_scale objectness_smooth random rescore resize sqrt
    thresh truth_thresh
    dets_for_show dets_for_track embedding_layer show_details sim_thresh track_ciou_norm track_history_size
    stream wait_stream
"""
"""Options that do not change the output of a layer. Most of them are for training, the others for videos and GPUs.

PixTag's own non-maximum suppression replaces `nms_kind` and `beta_nms`.
"""

_NEUTRAL: Final = """
    dontload=0 dontloadscales=0 numload=0
    antialiasing=0 bin_output=0 binary=0 cbn=0 coordconv=0 dilation=1 dot=0 flipped=0 reverse=0 rotate=0 stretch=0
    stretch_sway=0 sway=0 xnor=0
    maxpool_depth=0 maxpool_zero_nonmax=0 out_channels=1
    weights_normalization=none weights_type=none
    scale=1
    background=0 coords=4
    extra=0 flatten=0
"""
"""Options that change the output of a layer, with the values that change nothing. Other values are not supported."""


def check_options(section: Section, supported: str) -> None:
    """Raise DarknetError if a section has an option that changes the output of its layer but is not supported.

    Args:
        section: The section.
        supported: The options that PixTag reads, separated by spaces.
    """
    accepted = {*supported.split(), *_WITHOUT_EFFECT.split()}
    neutral = dict(option.split("=") for option in _NEUTRAL.split())
    problems = [
        f"{key}={value}" if key in neutral else key
        for key, value in sorted(section.options.items())
        if key not in accepted and not _are_equal(value, neutral.get(key))
    ]
    if problems:
        raise section.error(f"has options that PixTag does not support: {', '.join(problems)}")


def _are_equal(value: str, other: str | None) -> bool:
    try:
        return other is not None and float(value) == float(other)
    except ValueError:
        return value == other
