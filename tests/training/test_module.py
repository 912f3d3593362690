"""The module in Lightning's hands: it learns, averages, saves, and stops on a loss that is no number."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import nn

from ocr.data.datamodule import ReceiptDataModule
from ocr.data.geometry_transforms import FitLongSide, RandomCrop
from ocr.data.line_batches import collate_lines
from ocr.data.photometric import Photometric
from ocr.detection.losses.db import DBLoss
from ocr.detection.models import FPN, DBHead, DBNet, TimmEncoder
from ocr.detection.postprocess.db import DBPostprocessor
from ocr.detection.postprocess.decode import DecodeMaps
from ocr.detection.targets.db import DBTargetBuilder
from ocr.formats.native import read_native
from ocr.formats.webdataset import write_webdataset
from ocr.metrics import DetectionEvaluator
from ocr.metrics.text import RecognitionEvaluator
from ocr.recognition.losses.ctc import CTCLoss
from ocr.recognition.postprocess.decode import DecodeLines
from ocr.recognition.postprocess.greedy import GreedyCTC
from ocr.report.overlay import draw_overlays, save_image
from ocr.training import AdamW, SampleOverlays, TaskModule, Throughput, ValidationLines, WarmedUpEMA, Warmup
from ocr.types import Record, Sample, Word
from ocr.weights.checkpoint_file import load_checkpoint
from ocr.weights.stored import load_weights
from small_recogniser import CHARSET, scribbles, small_recogniser


def network() -> DBNet:
    torch.manual_seed(0)
    return DBNet(TimmEncoder("mobilenetv3_small_050"), partial(FPN, channels=16), DBHead)


def module(loss: nn.Module | None = None, lr: float = 0.01) -> TaskModule:
    return TaskModule(
        network=network(),
        loss=loss or DBLoss(),
        decode=DecodeMaps(DBPostprocessor()),
        evaluator=DetectionEvaluator(),
        optimiser=AdamW(lr=lr),
        schedule=Warmup(),
        config={"model": {"name": "small"}},
    )


def datamodule(root: Path) -> ReceiptDataModule:
    return ReceiptDataModule(
        root=root,
        targets=DBTargetBuilder(),
        crop=RandomCrop(size=96, long_side_range=(250, 300)),
        photometric=Photometric(),
        transform=FitLongSide(long_side=160),
        granularity="word",
        batch_size=4,
        num_workers=0,
        seed=0,
    )


def trainer(folder: Path, *callbacks: pl.Callback, **options: Any) -> pl.Trainer:
    settings: dict[str, Any] = {"max_epochs": 1, "logger": False, "accelerator": "cpu", "devices": 1}
    settings |= {"enable_progress_bar": False, "enable_model_summary": False, "use_distributed_sampler": False}
    return pl.Trainer(default_root_dir=folder, callbacks=list(callbacks), **{**settings, **options})


class Losses(pl.Callback):
    def __init__(self) -> None:
        self.values: list[float] = []

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        self.values.append(float(trainer.callback_metrics["train/loss"]))


def test_the_loss_falls(tiny_data: Path, tmp_path: Path) -> None:
    losses = Losses()
    fitting = trainer(tmp_path, losses, max_epochs=12, limit_val_batches=0, enable_checkpointing=False)
    fitting.fit(module(), datamodule(tiny_data))
    assert len(losses.values) == 12
    assert sum(losses.values[-3:]) < 0.9 * sum(losses.values[:3])


class NotANumber(nn.Module):
    def forward(self, maps: dict[str, torch.Tensor], _: Any) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        total = maps["probability_logits"].sum() * float("nan")
        return total, {"shrink_bce": total}


def test_a_loss_that_is_no_number_names_the_files(tiny_data: Path, tmp_path: Path) -> None:
    with pytest.raises(FloatingPointError, match=r"shrink_bce=nan.*epoch 0, batch 0.*train_\d\.png.*optimiser\.lr"):
        trainer(tmp_path, limit_val_batches=0, enable_checkpointing=False).fit(
            module(NotANumber()), datamodule(tiny_data)
        )


def test_checkpoints_hold_the_averaged_weights_and_what_rebuilds_them(tiny_data: Path, tmp_path: Path) -> None:
    ema = WarmedUpEMA(decay=0.5)
    raw: list[torch.Tensor] = []

    class Raw(pl.Callback):
        def on_train_batch_end(self, _: pl.Trainer, pl_module: pl.LightningModule, *__: Any) -> None:
            raw.append(next(pl_module.parameters()).detach().clone())

    fitting = trainer(tmp_path, ema, Raw(), max_epochs=3, limit_val_batches=0)
    trained = module()
    start = next(trained.parameters()).detach().clone()
    fitting.fit(trained, datamodule(tiny_data))
    fitting.save_checkpoint(tmp_path / "a.ckpt")

    (path,) = (tmp_path / "checkpoints").glob("*.ckpt")
    checkpoint = load_checkpoint(path)
    assert checkpoint["config"] == {"model": {"name": "small"}}
    # The first update copies; the decay is then min(0.5, (1 + n) / (10 + n)).
    expected = raw[0]
    for count, weights in enumerate(raw[1:], start=1):
        decay = min(0.5, (1 + count) / (10 + count))
        expected = decay * expected + (1 - decay) * weights
    name = next(name for name, _ in trained.named_parameters())
    torch.testing.assert_close(checkpoint["state_dict"][name], expected)
    assert not torch.equal(checkpoint["state_dict"][name], start)
    torch.testing.assert_close(checkpoint["current_model_state"][name], raw[-1])

    fresh = network()
    load_weights(fresh, checkpoint, path)
    torch.testing.assert_close(next(fresh.parameters()), expected)


def test_validation_gives_every_figure_and_draws(tiny_data: Path, tmp_path: Path) -> None:
    overlays = SampleOverlays(tmp_path / "overlays", 1, draw_overlays, save_image)
    throughput = Throughput(window=1)
    fitting = trainer(tmp_path, overlays, throughput, enable_checkpointing=False)
    fitting.fit(module(), datamodule(tiny_data))
    figures = fitting.callback_metrics
    for name in ("val/cleval/hmean", "val/iou50/hmean", "val/iou70/recall", "val/loss", "train/loss"):
        assert torch.isfinite(figures[name]), name
    assert figures["images_per_s"] > 0
    assert 0 <= figures["data_wait"] <= 1
    assert [path.name for path in (tmp_path / "overlays").rglob("*.jpg")] == ["val_0.jpg"]
    again = fitting.validate(fitting.lightning_module, datamodule(tiny_data), verbose=False)[0]
    assert again["val/loss"] == pytest.approx(float(figures["val/loss"]))


def test_an_image_that_is_no_file_has_no_overlay_and_ends_nothing(tiny_data: Path, tmp_path: Path) -> None:
    """As in a tar shard or behind an address."""
    records = read_native(tiny_data / "jsons" / "val.json", tiny_data / "images" / "val")
    train = read_native(tiny_data / "jsons" / "train.json", tiny_data / "images" / "train")
    write_webdataset(records, tmp_path / "shards" / "images", "val")
    write_webdataset(train, tmp_path / "shards" / "images", "train")
    overlays = SampleOverlays(tmp_path / "overlays", 1, draw_overlays, save_image)
    trainer(tmp_path, overlays, enable_checkpointing=False).fit(module(), datamodule(tmp_path / "shards"))
    assert not (tmp_path / "overlays").exists()


def test_each_validation_is_told_in_a_line(tiny_data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lines = ValidationLines(["train/loss", "val/cleval/hmean", "no/such"])
    with caplog.at_level("INFO", "pytorch_lightning"):
        trainer(tmp_path, lines, max_epochs=2, enable_checkpointing=False).fit(module(), datamodule(tiny_data))
    told = [record.getMessage() for record in caplog.records if record.getMessage().startswith("epoch ")]
    assert [line.split(":")[0] for line in told] == ["epoch 1/2, step 1", "epoch 2/2, step 2"]
    assert all("train/loss " in line and "val/cleval/hmean " in line and "no/such" not in line for line in told)


def test_a_run_without_end_has_no_schedule(tiny_data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"the schedule needs an end, but trainer\.max_epochs=-1"):
        trainer(tmp_path, max_epochs=-1).fit(module(), datamodule(tiny_data))


@pytest.mark.parametrize("count", [5, 70])
def test_many_lines_are_evaluated_in_parts_with_the_same_result(count: int) -> None:
    network, rng = small_recogniser(), np.random.default_rng(0)
    crops = [scribbles(rng, width) for width in rng.integers(40, 200, count)]
    samples = [
        Sample(
            image_CHW=crop_HWC.transpose(2, 0, 1),
            matrix_33=np.eye(3),
            original_size=(200, 300),
            record=Record(Path("a.png"), {}),
            regions=(Word(np.zeros((4, 2), np.float32), "A1"),),
            targets={"codes": np.array([14, 3]), "case_known": np.array(True)},
        )
        for crop_HWC in crops
    ]
    seen: list[int] = []
    network.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))
    loss, decode = CTCLoss(CHARSET), DecodeLines(GreedyCTC(CHARSET))
    evaluated = TaskModule(network=network, loss=loss, decode=decode, evaluator=RecognitionEvaluator())
    batch = collate_lines(samples)
    with torch.inference_mode():
        found = evaluated.validation_step(batch, 0)["found"]
        assert max(seen) <= 32
        output = network(batch.images_BCHW)
        total, parts = loss(output, batch.targets)
    assert [reading.text for reading in found] == [reading.text for reading in decode(output, batch)]
    assert len({reading.text for reading in found}) > 1
    (losses,) = evaluated._losses
    assert losses == pytest.approx({"loss": float(total), **{name: float(part) for name, part in parts.items()}})
    assert len(evaluated._counts) == count
