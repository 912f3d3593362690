"""The averaged weights: what they are, where they are used, that they survive a checkpoint."""

from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.data import DataLoader

from ocr.training import WarmedUpEMA
from small_training import QUIET

STEPS = 4  # an epoch


class Tiny(pl.LightningModule):
    """A layer and a batch normalisation, so that there are weights, running averages and a count."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Linear(5, 1))
        self.validated: list[dict[str, torch.Tensor]] = []

    def training_step(self, batch: torch.Tensor, _: int) -> torch.Tensor:
        return (self.layers(batch) - 1).square().mean()

    def validation_step(self, batch: torch.Tensor, batch_idx: int) -> None:  # noqa: ARG002
        self.validated.append(state(self))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.3)


class History(pl.Callback):
    """The weights after every step, and a checkpoint at the end of every epoch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.raw: list[dict[str, torch.Tensor]] = []

    def on_train_batch_end(self, _: pl.Trainer, pl_module: pl.LightningModule, *__: Any) -> None:
        self.raw.append(state(pl_module))

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        trainer.save_checkpoint(self.folder / f"{trainer.current_epoch}.ckpt")


def state(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def fit(folder: Path, epochs: int, ckpt_path: Path | None = None) -> tuple[Tiny, History]:
    module, history = Tiny(), History(folder)
    fitting = pl.Trainer(
        default_root_dir=folder,
        callbacks=[WarmedUpEMA(decay=0.4), history],
        max_epochs=epochs,
        logger=False,
        enable_checkpointing=False,
        **QUIET,
    )
    images = torch.rand(4 * STEPS, 3, generator=torch.Generator().manual_seed(1))
    fitting.fit(module, DataLoader(images, batch_size=4), DataLoader(images[:4]), ckpt_path=ckpt_path)
    return module, history


def averaged(history: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The definition, tensor by tensor: the first step's values, then decays of 2/11, 3/12, ... up to 0.4."""
    mean = dict(history[0])
    for count, values in enumerate(history[1:], start=1):
        decay = min(0.4, (1 + count) / (10 + count))
        for name, value in values.items():
            mean[name] = mean[name].lerp(value, 1 - decay) if value.is_floating_point() else value
    return mean


def assert_same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert value.dtype == other[name].dtype, name
        assert torch.equal(value, other[name]), name


def test_validation_and_the_end_have_the_averaged_weights_to_the_last_bit(tmp_path: Path) -> None:
    module, history = fit(tmp_path, epochs=2)
    assert len(history.raw) == 2 * STEPS
    for epoch, seen in ((1, module.validated[0]), (2, module.validated[-1])):
        assert_same(seen, averaged(history.raw[: epoch * STEPS]))
    assert_same(state(module), averaged(history.raw))
    assert int(module.layers[1].num_batches_tracked) == 2 * STEPS
    assert not torch.equal(module.layers[0].weight, history.raw[-1]["layers.0.weight"])


def test_training_goes_on_with_the_raw_weights_after_a_validation(tmp_path: Path) -> None:
    """Were the averaged ones kept, the second epoch would start elsewhere."""
    _, whole = fit(tmp_path, epochs=2)
    checkpoint = torch.load(tmp_path / "0.ckpt", weights_only=True)
    assert_same(checkpoint["current_model_state"], whole.raw[STEPS - 1])
    assert_same(checkpoint["state_dict"], averaged(whole.raw[:STEPS]))


def test_a_resumed_run_averages_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    module, whole = fit(tmp_path, epochs=3)
    resumed, rest = fit(tmp_path / "resumed", epochs=3, ckpt_path=tmp_path / "0.ckpt")
    assert len(rest.raw) == 2 * STEPS
    for one, other in zip(rest.raw, whole.raw[STEPS:], strict=True):
        assert_same(one, other)
    assert_same(state(resumed), state(module))


class Reads(TorchDispatchMode):
    """Counts how often a tensor's value is fetched, for which a program waits for its GPU."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("layers", [1, 10])
def test_an_update_reads_as_often_whatever_the_number_of_tensors(layers: int) -> None:
    class Deep(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(*(nn.BatchNorm1d(5) for _ in range(layers)))

    module, ema, trainer = Deep(), WarmedUpEMA(), pl.Trainer(logger=False, accelerator="cpu", barebones=True)
    ema.setup(trainer, module, "fit")
    assert ema._average_model is not None
    ema._average_model.update_parameters(module)
    with Reads() as reads:
        ema._average_model.update_parameters(module)
    assert reads.count == 3  # torch asks twice whether it is the first update; the decay is the third
