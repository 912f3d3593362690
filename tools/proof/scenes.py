"""The cheap jobs of a proof: what users do besides training, and their mistakes."""

from __future__ import annotations

from collections.abc import Iterator

from tools.proof.jobs import (
    REF_BEST,
    SIGNAL,
    STOP_SIGNAL,
    STOP_STEP,
    TINY,
    TINY_FACTS,
    TINY_LINES,
    Command,
    Inputs,
    Job,
)
from tools.proof.mistakes import messages

RUNNERS = (
    *("check", "convert", "data", "evaluate", "evidence", "export", "merge"),
    *("predict", "synthesize", "test", "train", "tune", "validate"),
)
FORMATS = (
    *("coco", "cord", "doctr", "icdar2013", "icdar2015", "labelstudio", "paddle"),
    *("page", "sroie", "totaltext", "wildreceipt"),
)


def scenes(inputs: Inputs) -> Iterator[Job]:
    """Every cheap job."""
    yield Job("command line", "command line", (Command("surface"),))
    helps = tuple(Command(runner, ("--help",)) for runner in RUNNERS)
    yield Job("command line", "help", helps, must_succeed=False)
    yield from messages(inputs)
    counts = ("seed=1", "train=2", "val=1", "test=1", "workers=0")
    yield Job("generator", "generator", (Command("synthesize", ("output=made", *counts)),))
    yield from predictions(inputs)
    yield from readings(inputs)
    yield from scored(inputs)
    yield from formats(inputs)
    yield from checks(inputs)
    yield from exports(inputs)
    yield from signals(inputs)
    yield Job("variants", "variants", variants(inputs), must_succeed=False)
    found = ("data.transform.long_side=320", "trainer.limit_val_batches=3")  # losses that differ from image to image
    small = (f"data.root={inputs.given}/small", "exp_name=two", *TINY, *found)
    two = Command("train", (*small, "trainer.devices=2", "trainer.strategy=ddp", "trainer.accelerator=cpu"))
    yield Job("devices", "two processes", (two,))
    yield from lines(inputs)
    yield from facts(inputs)


def lines(inputs: Inputs) -> Iterator[Job]:
    """Text recognition: trainings on cut and on synthesised lines, a test, one that is stopped within a pool."""
    small, needs = f"data.root={inputs.given}/small", "configs/task/recognition.yaml"
    cut = Command("train", (*TINY_LINES, small, "exp_name=lines", "targets.case=unknown", "hydra.run.dir=whole"))
    best = ("checkpoint_path=whole/checkpoints/best.ckpt", small, "data.num_workers=0", "trainer.devices=1")
    tested = Command("test", (*best, "trainer.deterministic=true", "split=val"))
    drawn = ("data=drawn_lines", "data.drawn_per_epoch=4", "data.stored=true", "exp_name=drawn")
    mixed = Command("train", (*TINY_LINES, small, *drawn, "trainer.max_epochs=1"))
    yield Job("recognition", "recognition", (cut, tested, mixed), recorded=True, needs=needs)
    stopped = Command("train", (*TINY_LINES, small, "exp_name=stopped"), {STOP_STEP: "6"})
    resumed = Command("train", (*TINY_LINES, small, "exp_name=stopped", "resume=auto"))
    yield Job("recognition", "stopped lines", (stopped, resumed), must_succeed=False, recorded=True, needs=needs)


def facts(inputs: Inputs) -> Iterator[Job]:
    """Extraction: a training on annotated and on invented receipts, a test, one that is stopped."""
    small, needs = f"data.root={inputs.given}/small", "configs/task/extraction.yaml"
    mixed = ("data=invented_facts", "data.stored=true", "data.invented_per_epoch=6", small)
    whole = Command("train", (*TINY_FACTS, *mixed, "exp_name=facts", "hydra.run.dir=whole"))
    best = ("checkpoint_path=whole/checkpoints/best.ckpt", small, "data.num_workers=0", "trainer.devices=1")
    tested = Command("test", (*best, "trainer.deterministic=true", "split=val"))
    yield Job("extraction", "extraction", (whole, tested), recorded=True, needs=needs)
    stopped = Command("train", (*TINY_FACTS, *mixed, "exp_name=stopped"), {STOP_STEP: "3"})
    resumed = Command("train", (*TINY_FACTS, *mixed, "exp_name=stopped", "resume=auto"))
    yield Job("extraction", "stopped facts", (stopped, resumed), must_succeed=False, recorded=True, needs=needs)


def variants(inputs: Inputs) -> tuple[Command, ...]:
    """Trainings of a moment with what the others leave off: settings, kinds of data, the presets' other parts."""
    small, tiny = f"data.root={inputs.given}/small", (*TINY, "trainer.devices=1", "data.num_workers=0")
    wide = ("model=dbnetpp_resnet50", "model.encoder.name=mobilenetv3_small_075", "model.decoder.channels=32")
    steps = ("schedule.decay=poly", "trainer.accumulate_grad_batches=2", "callbacks.early_stopping.enabled=true")
    weights = f"init_checkpoint={inputs.given}/shipped.safetensors"
    skip = (f"data.root={inputs.given}/holed", "data.on_error=skip", "data.granularity=word", weights)
    shards = [
        Command("convert", ("format=native", f"input={inputs.given}/small/jsons/{split}.json", f"split={split}",
                            "to=webdataset", "output=tar/images"))
        for split in ("train", "val")
    ]  # fmt: skip
    return (
        Command("train", ("exp_name=drawn", "data=drawn", "data.drawn_per_epoch=4", small, *tiny)),
        Command("train", ("exp_name=wide", *wide, *steps, "postprocess.unclip_ratio=1.5", small, *tiny)),
        Command("train", ("exp_name=skip", *skip, *tiny)),
        *shards,
        Command("train", ("exp_name=tar", "data.root=tar", *tiny, "callbacks.ema.enabled=false")),
    )


def predictions(inputs: Inputs) -> Iterator[Job]:
    """Every shape, growth and size; parts and their merger; odd pictures; the shipped weights where they lie."""
    given = inputs.given
    weights = (f"checkpoint_path={given}/shipped.safetensors", "threads=1")
    good = (*weights, f"input={given}/good")
    modes = tuple(
        Command(
            "predict", (*good, f"output={mode}", f"postprocess.mode={mode}", "visualize=true", "csv=true", "table=true")
        )
        for mode in ("polygon", "box", "upright")
    )
    settings = tuple(
        Command("predict", (*good, f"output={number}", *each))
        for number, each in enumerate(
            (
                ("postprocess.mode=polygon", "postprocess.unclip_ratio=1.5"),
                ("postprocess.min_size=12", "data.long_side=320", "num_workers=0"),
                ("postprocess.max_candidates=3", "postprocess.box_thresh=0.1", "postprocess.binary_thresh=0.15"),
                ("postprocess.mode=polygon", "postprocess.tolerance=4", "postprocess.shrink_ratio=0.4"),
            )
        )
    )
    yield Job("predict", "shapes", (*modes, *settings))
    untrained = (f"checkpoint_path={REF_BEST}", "threads=1", f"input={given}/good/a.png", "output=odd")
    yield Job("training", "untrained network", (Command("predict", (*untrained, "visualize=true")),))
    parts = tuple(
        Command("predict", (*good, "output=found", "csv=true", f"shard={shard}")) for shard in ("1/2", "2/2", "2/2")
    )
    merged = (Command("merge", ("input=found", "csv=true")), Command("merge", ("input=found",)))
    early = Command("merge", ("input=found", "overwrite=true"))
    yield Job("predict", "parts", (parts[0], early, *parts[1:], *merged), must_succeed=False)
    alone = (*weights, "num_workers=0")  # threads that read ahead would say what they have to say in any order
    photos = Command("predict", (*alone, f"input={given}/photos", "output=found", "visualize=true", "csv=true"))
    again = Command("predict", (*alone, f"input={given}/photos/*.png", "output=found"))
    named = [
        Command("predict", (*alone, f"input={given}/photos/{name}", f"output={name}"))
        for name in ("palette.gif", "pages.tif", "exif.jpg", "broken.jpg", "notes.txt", "*.jpg")
    ]
    yield Job("predict", "odd pictures", (photos, again, *named), must_succeed=False)


def readings(inputs: Inputs) -> Iterator[Job]:
    """Whole receipts read: every format, an image that is broken; what the runner says of itself."""
    given = inputs.given
    weights = (f"detector={given}/shipped.safetensors", f"recogniser={given}/lines.safetensors", "threads=1")
    small = (*weights, "data.long_side=320", "num_workers=0", "output=read")
    every = ("formats=[json,text,csv,hocr,alto,page,pdf]", "visualize=true")
    needs = "ocr/pipeline/documents.py"
    whole = Command("read", (*small, f"input={given}/good/a.png", *every))
    yield Job("predict", "readings", (whole,), needs=needs)
    broken = Command("read", (*small, f"input={given}/photos/broken.jpg"))
    yield Job("predict", "refused readings", (Command("read", ("--help",)), broken), must_succeed=False, needs=needs)


def scored(inputs: Inputs) -> Iterator[Job]:
    """The metric with missing images, odd polygons, and its page; tests and tuning."""
    files = [
        f"{key}={inputs.given}/scores/{name}.json"
        for key, name in (("ground_truth", "truth"), ("predictions", "found"))
    ]
    images = f"images={inputs.given}/small/images/train"
    wishes = (
        ("per_image=true", "report=page.html", images),
        ("granularity=line", "iou_thresholds=[0.3]", "report=page.html", images),
        ("granularity=line", "report=page.html", "overwrite=true", "pictures=1", images),
        ("report=bare.html",),
    )
    yield Job("evaluate", "scores", tuple(Command("evaluate", (*files, *wish)) for wish in wishes), must_succeed=False)
    shipped = (f"checkpoint_path={inputs.given}/shipped.safetensors", f"data.root={inputs.given}/small")
    tests = tuple(
        Command("test", (*shipped, "data.num_workers=0", "trainer.devices=1", "trainer.deterministic=true", *each))
        for each in ((), ("split=val", "data.granularity=word", "postprocess.mode=upright", "exp_name=words"))
    )
    yield Job("predict", "shipped weights", tests)
    tried = ("workers=0", "grids.binary_thresh=[0.2,0.4]", "grids.shrink_ratio=[0.5,0.7]", "grids.min_size=[3]")
    tuned = (f"checkpoint_path={REF_BEST}", f"data.root={inputs.data}", "write=false", "grids.box_thresh=[]", *tried)
    written = (
        "checkpoint_path=shipped.safetensors",
        *shipped[1:],
        *tried,
        "grids.box_thresh=[0.3,0.6]",
        "exp_name=written",
    )
    # Not one that an export made here: its digest, which tuning notes, would be another for each commit.
    yield Job("tune", "tune", (Command("tune", tuned), Command("tune", written)), copied=("shipped.safetensors",))


def formats(inputs: Inputs) -> Iterator[Job]:
    """Every format there and back; files as other tools write them."""
    small = f"{inputs.given}/small/jsons/train.json"
    for name in FORMATS:
        there = ("format=native", f"input={small}", f"to={name}", f"output={name}", "split=train")
        back = (f"format={name}", f"input={name}/train", "output=back", "split=train")
        yield Job("formats", name, (Command("convert", there), Command("convert", back)), must_succeed=False)
    shards = ("format=native", f"input={small}", "to=webdataset", "output=shards", "split=train")
    again = ("format=native", f"input={small}", "output=again", "split=train", "exclude=*_1")
    foreign = tuple(
        Command("convert", (f"format={name}", f"input={inputs.given}/foreign/{file}", f"output={name}", "split=train"))
        for name, file in (("coco", "coco/a.json"), ("icdar2015", "icdar2015"), ("labelstudio", "labelstudio/a.json"))
    )
    raw = Command("convert", (*again, "frame=raw", "overwrite=true"))
    yield Job("formats", "shards", (Command("convert", shards),), must_succeed=False)
    yield Job("formats", "native", (Command("convert", again), Command("convert", again), raw), must_succeed=False)
    yield Job("formats", "other tools' files", foreign, must_succeed=False)


def checks(inputs: Inputs) -> Iterator[Job]:
    """A sound folder, a flawed one, its repair, and what is left to find in that."""
    flawed = f"input={inputs.given}/flawed"
    commands = (
        ("exp_name=sound", f"input={inputs.given}/small", "fail_on=warning"),
        ("exp_name=flawed", flawed, "fix=true", "output=mended", "examples=9"),
        ("exp_name=mended", "input=mended", "splits=[train]"),
    )
    yield Job("check", "check", tuple(Command("check", (*each, "workers=0")) for each in commands), must_succeed=False)


def exports(inputs: Inputs) -> Iterator[Job]:
    """Both kinds of file, and what each finds."""
    shipped = f"checkpoint_path={inputs.given}/shipped.safetensors"
    good = (f"input={inputs.given}/good/a.png", "threads=1", "visualize=true")
    commands = (
        Command("export", (shipped, "output=a.onnx", "data.long_side=320", "postprocess.mode=polygon")),
        Command("export", (shipped, "output=a.safetensors", "format=safetensors", "postprocess.box_thresh=0.5")),
        Command("export", (shipped, "output=a.onnx")),
        Command("predict", ("checkpoint_path=a.onnx", *good, "output=one")),
        Command("predict", ("checkpoint_path=a.safetensors", *good, "output=two")),
        Command("test", ("checkpoint_path=a.onnx",)),
    )
    yield Job("export", "export", commands, must_succeed=False)


def signals(inputs: Inputs) -> Iterator[Job]:
    """Both signals, each at the same place in every run: as a file is opened, or after a step."""
    small = f"{inputs.given}/small"
    weights = f"checkpoint_path={inputs.given}/shipped.safetensors"
    predict = (weights, f"input={inputs.given}/good", "num_workers=0")
    native = ("format=native", f"input={small}/jsons/train.json", "output=o", "split=train")
    train = (f"data.root={small}", "data.num_workers=0", "trainer.devices=1", *TINY)
    for name, signum in (("SIGINT", "2"), ("SIGTERM", "15")):
        stopped = (
            ("predict", (*predict, "output=found"), "*/b.png"),
            ("predict", (*predict, "output=parts", "shard=1/1"), "*/b.png"),
            ("test", (weights, f"data.root={small}", "data.num_workers=0", "trainer.devices=1"), "*/test_1.jpg"),
            ("check", (f"input={small}", "workers=0"), "*/train_3.png"),
            ("convert", native, "*/train_3.png"),
        )
        commands = [Command(runner, arguments, {SIGNAL: f"{signum} {file}"}) for runner, arguments, file in stopped]
        training = Command("train", train, {STOP_STEP: "2", STOP_SIGNAL: signum})
        resumed = Command("train", (*train, "resume=auto"))
        yield Job("signals", name, (*commands, training, resumed), must_succeed=False, recorded=True)
