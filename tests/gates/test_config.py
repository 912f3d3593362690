"""Every shipped configuration composes, has no key that nobody reads, and builds what it describes.

The files are found by globbing: a new one is covered as soon as it lies in ``configs/``. A choice is tried with the
task that it belongs to (`config_reads.task_of`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import get_object, instantiate
from omegaconf import DictConfig, OmegaConf
from torch import nn

from config_reads import chosen_groups, parameters_of, target_of, task_of, unread_keys
from ocr.data.datamodule import ReceiptDataModule
from ocr.data.fact_datamodule import FactDataModule
from ocr.data.line_batches import MULTIPLE
from ocr.data.line_datamodule import LineDataModule
from ocr.detection.postprocess.db import DBPostprocessor
from ocr.extraction.postprocess.structure import Structure
from ocr.metrics import DetectionEvaluator
from ocr.metrics.facts import ExtractionEvaluator
from ocr.metrics.text import RecognitionEvaluator
from ocr.recognition.postprocess.greedy import GreedyCTC
from ocr.recognition.postprocess.sequence import GreedySequence
from ocr.utils.arguments import flat_keys
from ocr.utils.path_utils import CONFIG_DIR
from runners.launch import instantiate_enabled

RUNNERS = sorted(path.stem for path in CONFIG_DIR.glob("*.yaml"))
CHOICES = sorted(f"{path.parent.name}={path.stem}" for path in CONFIG_DIR.glob("*/*.yaml"))
OF_A_TRAINING = [choice for choice in CHOICES if not choice.startswith("postprocess=")]
CLASSES = {
    "detection": (ReceiptDataModule, DBPostprocessor, DetectionEvaluator),
    "recognition": (LineDataModule, GreedyCTC | GreedySequence, RecognitionEvaluator),
    "extraction": (FactDataModule, Structure, ExtractionEvaluator),
}
"""What the parts of each task are: data module, postprocess, evaluator."""
HYDRAS_OWN = {"_target_", "_partial_", "_recursive_", "_convert_", "_args_"}


def composed(name: str, *overrides: str, output_dir: Path = Path("nowhere")) -> DictConfig:
    """A runner's configuration with something for everything that has to be given."""
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        cfg = compose(name, overrides=list(overrides))
    if "output_dir" in cfg.keys():  # noqa: SIM118 - `in cfg` asks Hydra for its value, and only a runner has Hydra
        cfg.output_dir = str(output_dir)
    for key in OmegaConf.missing_keys(cfg):
        OmegaConf.update(cfg, key, "given")
    return cfg


def described(config: Any, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything with a ``_target_``, at any depth, by its dotted key."""
    if isinstance(config, dict):
        if "_target_" in config:
            yield prefix, config
        for key, value in config.items():
            yield from described(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(config, list):
        for place, value in enumerate(config):
            yield from described(value, f"{prefix}.{place}")


def unknown_keys(config: Any) -> list[str]:
    """Keys beside a ``_target_`` that are no parameter of it by name; ``**kwargs`` is no excuse for a typo."""
    found = []
    for where, spec in described(config):
        unknown = spec.keys() - parameters_of(spec["_target_"]).keys() - HYDRAS_OWN
        found += [f"{where}.{key} of {spec['_target_']}" for key in unknown]
    return found


def with_task(choice: str) -> tuple[str, ...]:
    """The overrides for a choice, with the task that it belongs to where it does not choose that itself."""
    group, _, name = choice.partition("=")
    task = task_of(group, name)
    chosen_by_itself = group == "task" or task is None or "task" in chosen_groups(group, name)
    return (choice,) if chosen_by_itself else (f"task={task}", choice)


@pytest.mark.parametrize("runner", RUNNERS)
def test_every_runners_configuration_resolves_and_names_nothing_unknown(runner: str) -> None:
    config = OmegaConf.to_container(composed(runner), resolve=True, throw_on_missing=True)
    assert unknown_keys(config) == []


@pytest.mark.parametrize("choice", OF_A_TRAINING)
def test_every_choice_resolves_and_names_nothing_unknown(choice: str) -> None:
    config = OmegaConf.to_container(composed("train", *with_task(choice)), resolve=True, throw_on_missing=True)
    assert unknown_keys(config) == []


@pytest.mark.parametrize("choice", [choice for choice in CHOICES if choice.startswith(("experiment=", "debug="))])
def test_an_experiment_only_changes_settings_that_there_are(choice: str) -> None:
    """Hydra merges these files without asking whether train.yaml, with the groups that they choose, has the key."""
    chosen = [f"{group}={name}" for group, name in chosen_groups(*choice.split("=")).items()]
    known = set(flat_keys(OmegaConf.to_container(composed("train", *chosen))))
    assert set(flat_keys(OmegaConf.to_container(composed("train", *with_task(choice))))) - known == set()


@pytest.mark.parametrize("runner", RUNNERS)
def test_every_key_is_read(runner: str) -> None:
    assert unread_keys(runner, OmegaConf.to_container(composed(runner), resolve=False)) == []


@pytest.mark.parametrize(
    ("runner", "planted"),
    [
        ("train", ("+path=1", "+colour=1", "+code.name=1", "+limits_s.smoke=2")),
        ("train", ("+callbacks.ema.colour=1", "+data_colour.a=1")),
        ("predict", ("+data.colour=1", "+postprocess.colour=1")),
        ("predict", ("+split=val", "+seed=1")),
        ("test", ("+data.colour=1", "+postprocess.box_tresh=0.5")),
        ("export", ("+postprocess.colour=1", "+data.max_skipped=3")),
        ("tune", ("+grids.colour=[1]", "+data.threads=1")),
        ("validate", ("+colour=1",)),
        ("evaluate", ("+images.colour=1",)),
    ],
)
def test_a_plain_key_that_nobody_reads_would_be_found(runner: str, planted: tuple[str, ...]) -> None:
    """In a section that is handed on too, and where only functions of other runners read a key of that name."""
    names = {override.lstrip("+").partition("=")[0] for override in planted}
    assert set(unread_keys(runner, OmegaConf.to_container(composed(runner, *planted)))) == names


@pytest.mark.parametrize("runner", ["test", "predict", "read", "tune", "export"])
def test_the_postprocess_that_a_runner_changes_is_that_of_training(runner: str) -> None:
    changes = composed(runner).postprocess
    assert set(changes) == set(composed("train").postprocess) - HYDRAS_OWN
    assert all(value is None for value in changes.values())


@pytest.mark.parametrize("choice", OF_A_TRAINING)
def test_every_choice_builds(choice: str, tmp_path: Path) -> None:
    cfg = composed("train", *with_task(choice), output_dir=tmp_path)
    if "encoder" in cfg.model:
        cfg.model.encoder.pretrained = False  # published weights need the network
    data, postprocess, evaluator = CLASSES[cfg.task]
    network = instantiate(cfg.model)
    assert isinstance(network, nn.Module)
    assert isinstance(instantiate(cfg.optimiser)(network), torch.optim.Optimizer)
    assert instantiate(cfg.schedule)(0, 100) < instantiate(cfg.schedule)(50, 100) <= 1
    assert isinstance(instantiate(cfg.loss), nn.Module)
    assert isinstance(instantiate(cfg.postprocess), postprocess)
    assert isinstance(instantiate(cfg.evaluator), evaluator)
    datamodule = instantiate(cfg.data)
    assert isinstance(datamodule, data)
    if isinstance(datamodule, FactDataModule):
        assert len(datamodule.targets.fields) == cfg.model.fields
    elif isinstance(datamodule, ReceiptDataModule):
        assert datamodule.crop.size % network.stride == 0
        assert datamodule.transform.multiple % network.stride == 0
    elif isinstance(datamodule, LineDataModule):
        assert datamodule.transform.height == network.height
        assert MULTIPLE % network.stride == 0


@pytest.mark.parametrize("task", sorted(path.stem for path in CONFIG_DIR.glob("task/*.yaml")))
def test_every_task_watches_figures_that_its_evaluator_computes(task: str) -> None:
    cfg = composed("train", f"task={task}")
    figures = {f"val/{name}" for name in instantiate(cfg.evaluator).summarise([])}
    watched = {cfg.callbacks[name].spec.monitor for name in ("checkpoint", "early_stopping")}
    told = set(cfg.callbacks.progress.spec.figures)
    assert watched <= figures
    assert told - {"train/loss", "val/loss", "images_per_s"} <= figures


def test_choices_belong_to_the_task_whose_parts_they_are() -> None:
    belong = {choice: task_of(*choice.split("=")) for choice in OF_A_TRAINING}
    for group in ("data", "model", "task", "charset"):
        assert None not in {task for choice, task in belong.items() if choice.startswith(f"{group}=")}
    assert belong["data=drawn"] == belong["model=dbnetpp_resnet50"] == belong["small=fast_detection"] == "detection"
    assert (
        belong["data=drawn_lines"] == belong["charset=english"] == belong["experiment=pretrain_text"] == "recognition"
    )
    assert belong["trainer=gpu"] is belong["experiment=smoke"] is None
    assert target_of("data", "drawn") == target_of("data", "receipts") != target_of("data", "lines")


@pytest.mark.parametrize("task", sorted(CLASSES))
@pytest.mark.parametrize("choice", [choice for choice in CHOICES if choice.startswith(("debug=", "experiment=smoke"))])
def test_what_belongs_to_no_task_serves_every_one(choice: str, task: str) -> None:
    config = OmegaConf.to_container(composed("train", f"task={task}", choice), resolve=True, throw_on_missing=True)
    assert config["task"] == task
    assert unknown_keys(config) == []


@pytest.mark.parametrize("choice", [choice for choice in OF_A_TRAINING if not choice.startswith("model=")])
def test_every_choice_gives_a_trainer(choice: str, tmp_path: Path) -> None:
    """As runners/train.py makes it, but on the processor, which every machine has."""
    cfg = composed("train", *with_task(choice), "trainer.accelerator=cpu", "trainer.devices=1", output_dir=tmp_path)
    callbacks = [*instantiate_enabled(cfg.callbacks), instantiate(cfg.resume_points)]
    loggers = instantiate_enabled(cfg.logger)
    trainer = instantiate(cfg.trainer, callbacks=callbacks, logger=loggers)
    assert isinstance(trainer, pl.Trainer)
    assert set(callbacks) <= set(trainer.callbacks)
    assert trainer.loggers == loggers


@pytest.mark.parametrize("name", [path.stem for path in sorted(CONFIG_DIR.glob("callbacks/*.yaml"))])
def test_callbacks_that_are_off_build_too(name: str, tmp_path: Path) -> None:
    for member in composed("train", f"callbacks={name}", output_dir=tmp_path).callbacks.values():
        assert isinstance(instantiate(member.spec), pl.Callback)


@pytest.mark.parametrize("name", [path.stem for path in sorted(CONFIG_DIR.glob("logger/*.yaml"))])
def test_loggers_that_are_off_are_loggers(name: str) -> None:
    """They are not built: wandb and mlflow are not installed everywhere, and would go to the network."""
    for member in composed("train", f"logger={name}").logger.values():
        assert issubclass(get_object(member.spec._target_), pl.loggers.Logger)


def test_every_trainer_serves_the_test_runner_as_well(tmp_path: Path) -> None:
    for path in CONFIG_DIR.glob("trainer/*.yaml"):
        cfg = composed("test", f"trainer={path.stem}", "trainer.accelerator=cpu", output_dir=tmp_path)
        assert isinstance(instantiate(cfg.trainer, logger=False, enable_checkpointing=False), pl.Trainer)


def test_a_key_that_nobody_reads_would_be_found() -> None:
    wrong = OmegaConf.to_container(composed("train", "+model.encoder.pretraind=true", "+trainer.max_epoch=3"))
    assert sorted(unknown_keys(wrong)) == [
        "model.encoder.pretraind of ocr.detection.models.TimmEncoder",
        "trainer.max_epoch of pytorch_lightning.Trainer",
    ]
