"""timm models as pyramids."""

import copy
import pickle
from typing import Any

import pytest
import torch

from ocr.detection.models import TimmEncoder


def test_features_are_finest_first_at_their_strides() -> None:
    encoder = TimmEncoder("resnet18", strides=(4, 16))
    features = encoder.eval()(torch.zeros(1, 3, 64, 96))
    assert [tuple(feature.shape) for feature in features] == [(1, 64, 16, 24), (1, 256, 4, 6)]
    assert encoder.channels == (64, 256)


def test_a_stride_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"'resnet18' has features at strides \[2, 4, 8, 16, 32\], not at \[64\]"):
        TimmEncoder("resnet18", strides=(4, 64))


SMALL_SWIN = {"embed_dim": 12, "depths": (1, 1, 1, 1), "num_heads": (1, 1, 2, 2), "dynamic_img_size": True}


@pytest.mark.parametrize(
    ("name", "options"), [("swin_tiny_patch4_window7_224", SMALL_SWIN), ("mambaout_femto", {"dims": (8, 16, 24, 32)})]
)
def test_channels_come_first_where_timm_has_them_last(name: str, options: dict[str, Any]) -> None:
    encoder = TimmEncoder(name, options=options).eval()
    images = torch.rand(1, 3, 64, 96)
    with torch.inference_mode():
        features, last = encoder(images), encoder.body(images)
    sizes = [(1, encoder.channels[level], 16 // 2**level, 24 // 2**level) for level in range(4)]
    assert [tuple(feature.shape) for feature in features] == sizes
    for feature, feature_BHWC in zip(features, last, strict=True):
        assert torch.equal(feature[0, 5], feature_BHWC[0, :, :, 5])


def test_options_reach_timm() -> None:
    assert TimmEncoder("resnet18", options={"stem_type": "deep"}).channels[0] == 64
    with pytest.raises(TypeError, match="stem_tpye"):
        TimmEncoder("resnet18", options={"stem_tpye": "deep"})


def test_on_a_processor_depthwise_convolutions_stay_in_float32_and_a_copy_has_its_own() -> None:
    encoder = TimmEncoder("mobilenetv3_small_050", strides=(4, 8))
    twin = pickle.loads(pickle.dumps(copy.deepcopy(encoder)))
    dtypes: dict[bool, set[torch.dtype]] = {True: set(), False: set()}
    for convolution in [module for module in twin.modules() if isinstance(module, torch.nn.Conv2d)]:
        depthwise = convolution.groups > 1
        convolution.register_forward_hook(lambda *seen, depthwise=depthwise: dtypes[depthwise].add(seen[2].dtype))
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.zero_()
    images = torch.rand(1, 3, 64, 96)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert not any(feature.any() for feature in twin(images))
        assert all(feature.any() for feature in encoder(images))
    assert dtypes == {True: {torch.float32}, False: {torch.bfloat16}}


def test_depthwise_convolutions_in_half_precision_learn_as_in_float32() -> None:
    torch.manual_seed(0)
    encoder = TimmEncoder("mobilenetv3_small_050", strides=(4,)).train()
    images, wanted = torch.rand(2, 3, 64, 96), torch.rand(2, 8, 16, 24)
    weight = next(m.weight for m in encoder.modules() if isinstance(m, torch.nn.Conv2d) and m.groups > 1)
    gradients = []
    for half in (False, True):
        encoder.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            (feature,) = encoder(images)
        (feature.float() * wanted).sum().backward()
        assert weight.grad is not None
        gradients.append(weight.grad.flatten().clone())
    assert torch.nn.functional.cosine_similarity(gradients[0], gradients[1], dim=0) > 0.99
