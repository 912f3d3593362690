"""User mistakes, runner by runner, and bad files."""

from __future__ import annotations

from collections.abc import Iterator

from tools.proof.jobs import TINY, Command, Inputs, Job


def messages(inputs: Inputs) -> Iterator[Job]:
    """The jobs that record each runner's messages for user mistakes."""
    given, data = inputs.given, f"data.root={inputs.given}/small"
    weights = f"checkpoint_path={given}/shipped.safetensors"
    photos = f"input={given}/good"
    hostile = [f"{given}/hostile/{name}" for name in ("text.ckpt", "text.onnx", "short.safetensors")]
    hostile += [f"{given}/hostile/{name}.safetensors" for name in ("pretrained", "room", "stride")]
    truth = f"ground_truth={given}/scores/truth.json"
    wrong = {
        "train": (
            ("exp_nam=x",),
            ("model=dbnet",),
            ("data.root=nowhere",),
            (data, "data.batch_size=0"),
            (data, "resume=nowhere"),
            (data, "init_checkpoint=nowhere.ckpt"),
            (data, "callbacks.checkpoint.spec.monitor=val/x", *TINY),
            ("--multirun", "resume=auto"),
        ),
        "test": ((), ("checkpoint_path=nowhere.ckpt", data), (weights, data, "split=nowhere")),
        "predict": (
            (),
            (weights, "input=nowhere", "output=found"),
            (weights, f"input={given}/hostile", "output=found"),
            (weights, photos, "output=found", "postprocess.mode=round"),
            (weights, photos, "output=found", "shard=3/2"),
            (weights, photos, "output=found", "device=tpu"),
            *((f"checkpoint_path={path}", photos, "output=found") for path in hostile),
        ),
        "evaluate": (
            (),
            ("ground_truth=nowhere.json", "predictions=nowhere.json"),
            (truth, f"predictions={given}/scores/extra.json"),
            (truth, f"predictions={given}/hostile/cut.json"),
            (truth, f"predictions={given}/hostile/truth.json"),
            (truth, truth.replace("ground_truth", "predictions"), "granularity=page"),
        ),
        "convert": (
            (),
            ("format=voc", photos, "output=o"),
            ("format=coco", "input=nowhere", "output=o"),
            ("format=coco", f"input={given}/hostile/cut.json", "output=o"),
            ("format=native", f"input={given}/small/jsons/val.json", "output=o", "to=voc"),
            ("format=native", f"input={given}/small/jsons/val.json", "output=o", "include=zzz"),
        ),
        "check": (("input=nowhere",), (f"input={given}/small", "fix=true"), (f"input={given}/small", "output=o")),
        "tune": (("checkpoint_path=nowhere.ckpt",), (weights, data, "folds=1"), (weights, data, "workers=-1")),
        "export": (("checkpoint_path=nowhere.ckpt", "output=a.onnx"), (weights, "output=a.txt"), (weights,)),
        "merge": (("input=nowhere",), (photos,)),
        "synthesize": ((f"output={given}/small", "train=1"), ("output=o", "train=-1"), ("output=o", "seed=x")),
        "data": (("root=nowhere",), ("root=nowhere", "record=true")),
        "evidence": (("template=nowhere",),),
        "validate": (("only=[nothing]",),),
    }
    for runner, mistakes in wrong.items():
        commands = tuple(Command(runner, (*mistake, *folder_of(runner, n))) for n, mistake in enumerate(mistakes, 1))
        yield Job("messages", f"mistakes at {runner}", commands, must_succeed=False)


def folder_of(runner: str, number: int) -> tuple[str, ...]:
    """A folder of runs for one command alone: two that begin in one second would share a name."""
    return (f"exp_name={number}",) if runner in {"train", "test", "check", "tune"} else ()
