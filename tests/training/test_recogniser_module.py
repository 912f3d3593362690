"""The recogniser's module: a line without a step is read as nothing, and a size that it does not have is refused."""

import math

import pytest
import torch

from ocr.metrics.text import RecognitionEvaluator
from ocr.recognition.losses.ctc import CTCLoss
from ocr.recognition.postprocess.beam import BeamCTC
from ocr.recognition.postprocess.decode import DecodeLines, Postprocess
from ocr.recognition.postprocess.greedy import GreedyCTC
from ocr.training.evaluation import evaluation_datamodule
from ocr.training.module import TaskModule
from ocr.types import InputError, Reading
from small_recogniser import CHARSET, CONFIG, small_recogniser


@pytest.mark.parametrize("postprocess", [GreedyCTC(CHARSET), BeamCTC(CHARSET), BeamCTC(CHARSET, pattern="A+")])
def test_a_black_line_has_no_steps_and_validates_as_an_empty_reading(
    make_line_datamodule, postprocess: Postprocess
) -> None:
    datamodule = make_line_datamodule()
    datamodule.setup("fit")
    batch = next(iter(datamodule.val_dataloader()))
    batch.images_BCHW.zero_()
    module = TaskModule(
        network=small_recogniser(),
        loss=CTCLoss(CHARSET),
        decode=DecodeLines(postprocess),
        evaluator=RecognitionEvaluator(),
    ).eval()
    with torch.no_grad():
        assert module.network(batch.images_BCHW)["steps"].tolist() == [0] * len(batch)
        found = module.validation_step(batch, 0)["found"]
    assert found == [Reading("")] * len(batch)
    assert all(math.isfinite(value) for losses in module._losses for value in losses.values())


def test_a_size_for_a_recogniser_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"data\.long_side=640: a\.ckpt is of task=recognition, which resizes no image; leave it out"
    ):
        evaluation_datamodule(CONFIG, "a.ckpt", data={"long_side": 640}, split="val", seed=0)
