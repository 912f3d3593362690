"""Putting a detector together from a configuration, or from a checkpoint that carries one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig

from runners.stored import kept_config, load_stored

if TYPE_CHECKING:
    from ocr.data.datamodule import ReceiptDataModule
    from ocr.data.geometry_transforms import FitLongSide
    from ocr.engines.base import Engine
    from ocr.training.module import DetectionModule
    from ocr.types import Detection, Sample


def build_module(cfg: DictConfig) -> DetectionModule:
    """The module to train, starting from ``init_checkpoint`` where one is given."""
    from hydra.utils import instantiate

    from ocr.training.checkpoint import load_weights
    from ocr.training.module import DetectionModule

    module = DetectionModule(
        network=instantiate(cfg.model),
        loss=instantiate(cfg.loss),
        postprocess=instantiate(cfg.postprocess),
        evaluator=instantiate(cfg.evaluator),
        optimiser=instantiate(cfg.optimiser),
        schedule=instantiate(cfg.schedule),
        config=kept_config(cfg),
    )
    if cfg.init_checkpoint is not None:
        load_weights(module.network, load_stored(cfg.init_checkpoint), cfg.init_checkpoint)
    return module


def module_from_checkpoint(path: str, postprocess: DictConfig) -> tuple[DetectionModule, dict[str, Any]]:
    """The module of a checkpoint, ready to evaluate, and the configuration that the checkpoint carries.

    Args:
        path: a checkpoint or a file of weights.
        postprocess: settings of the postprocess; what is null stays as it was in training.
    """
    return module_of(load_stored(path), path, postprocess)


def module_of(stored: dict[str, Any], path: str, postprocess: DictConfig) -> tuple[DetectionModule, dict[str, Any]]:
    """`module_from_checkpoint` of what `load_stored` read there; that stays as it is."""
    from ocr.training.checkpoint import check_fit, load_weights
    from ocr.training.module import DetectionModule

    config = {**stored["config"], "postprocess": changed_postprocess(stored["config"]["postprocess"], postprocess)}
    check_fit(lambda: described("model", config["model"], path), stored, path)
    parts = {name: described(name, config[name], path) for name in ("loss", "postprocess", "evaluator")}
    module = DetectionModule(network=described("model", config["model"], path), config=config, **parts)
    load_weights(module.network, stored, path)
    return module, config


def described(part: str, settings: dict[str, Any], path: str) -> Any:
    """The part that a file describes, its settings changed by those of the command line.

    Args:
        part: a section of `ocr.weights.kinds.KINDS`.
        settings: what `load_stored` gave of it, and the changes.
        path: the file.

    Raises:
        InputError: it cannot be made with them.
    """
    from ocr.types import InputError
    from ocr.weights.kinds import KIND, build

    try:
        return build(part, settings)
    except Exception as error:  # whatever a class says of its settings
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{path}: its {part} {settings[KIND]!r} cannot be made as described: {reason}") from error


def evaluation_datamodule(cfg: DictConfig, kept: dict[str, Any]) -> ReceiptDataModule:
    """The loader of one split with the transform of a checkpoint's training, where ``cfg.data`` changes nothing.

    Args:
        cfg: configuration of ``runners/test.py``.
        kept: the configuration that the checkpoint carries.
    """
    from ocr.data.datamodule import ReceiptDataModule
    from ocr.data.geometry_transforms import RandomCrop
    from ocr.data.photometric import Photometric

    return ReceiptDataModule(
        root=cfg.data.root,
        targets=described("targets", kept["targets"], cfg.checkpoint_path),
        crop=RandomCrop(),
        photometric=Photometric(),
        transform=evaluation_transform(kept, cfg.data.long_side, cfg.checkpoint_path),
        granularity=cfg.data.granularity or kept["data"]["granularity"],
        batch_size=1,
        num_workers=cfg.data.num_workers,
        seed=cfg.seed,
        test_split=cfg.split,
        on_error=cfg.data.on_error,
        max_skipped=cfg.data.max_skipped,
        max_pixels=cfg.data.max_pixels,
        follow_links=cfg.data.follow_links,
    )


def evaluation_transform(kept: dict[str, Any], long_side: int | None, path: str) -> FitLongSide:
    """The resize that a checkpoint was validated with, at another size where one is given."""
    changed = {} if long_side is None else {"long_side": long_side}
    transform: FitLongSide = described("transform", {**kept["data"]["transform"], **changed}, path)
    return transform


@dataclass(frozen=True, slots=True)
class Detector:
    """Images to text regions.

    Attributes:
        engine: runs the network.
        transform: the resize before it.
        postprocess: what follows it.
        map_stride: pixels of the network input per map pixel.
    """

    engine: Engine
    transform: FitLongSide
    postprocess: Callable[..., list[Detection]]
    map_stride: int = 1

    def __call__(self, sample: Sample) -> list[Detection]:
        """The regions of one image, in its own pixels."""
        (probability_HW,) = self.engine(sample.image_CHW[None])
        return self.postprocess(probability_HW, sample.matrix_33, sample.original_size, self.map_stride)


def load_detector(cfg: DictConfig) -> Detector:
    """What ``checkpoint_path``, ``engine`` and the settings of ``runners/predict.py`` describe.

    Raises:
        InputError: the engine is not known, or cannot run this file.
    """
    from ocr.types import InputError

    exported = Path(cfg.checkpoint_path).suffix == ".onnx"
    fitting = "onnxruntime" if exported else "torch"
    if cfg.engine not in {"auto", fitting}:
        raise InputError(
            f"engine={cfg.engine} cannot run {cfg.checkpoint_path}: torch runs checkpoints and .safetensors, "
            "onnxruntime the .onnx files that runners/export.py makes of them; give another file, or engine=auto"
        )
    return exported_detector(cfg) if exported else checkpoint_detector(cfg)


def checkpoint_detector(cfg: DictConfig) -> Detector:
    """A checkpoint on torch."""
    from ocr.engines.torch_engine import TorchEngine, choose_device

    module, kept = module_from_checkpoint(cfg.checkpoint_path, cfg.postprocess)
    engine = TorchEngine(module.network, choose_device(cfg.device), cfg.threads)
    return Detector(engine, evaluation_transform(kept, cfg.data.long_side, cfg.checkpoint_path), module.postprocess)


def exported_detector(cfg: DictConfig) -> Detector:
    """An exported file on ONNX Runtime; torch is not imported."""
    with needs_export_role():
        from ocr.engines.onnx_runtime import OnnxRuntimeEngine
    engine = OnnxRuntimeEngine(cfg.checkpoint_path, cfg.threads)
    card = engine.card
    transform = evaluation_transform({"data": {"transform": card.transform}}, cfg.data.long_side, cfg.checkpoint_path)
    postprocess = described("postprocess", changed_postprocess(card.postprocess, cfg.postprocess), cfg.checkpoint_path)
    return Detector(engine, transform, postprocess, card.map_stride)


@contextlib.contextmanager
def needs_export_role() -> Iterator[None]:
    """Say what to install where ONNX or ONNX Runtime is missing.

    Raises:
        InputError: it is.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        from ocr.types import InputError

        if error.name is None or not error.name.startswith("onnx"):
            raise
        raise InputError(
            f"{error.name} is not installed: `make setup-export` brings what exported files need"
        ) from error


def changed_postprocess(kept: dict[str, Any], postprocess: DictConfig) -> dict[str, Any]:
    """The settings of a training's postprocess, but for those that are given."""
    changed = {str(key): value for key, value in postprocess.items() if value is not None}
    if "shrink_ratio" in changed:
        changed.setdefault("unclip_ratio", None)  # what was asked for goes before what training had
    return {**kept, **changed}
