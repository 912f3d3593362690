"""Changes of behaviour that a proof has to find, each with the job in which it must, and refactors that it must not."""

from collections.abc import Callable
from pathlib import Path

from planted_checkout import Planting

Changes = dict[str, tuple[Planting, str]]

FIRST: Changes = {
    "loss-weight": (Planting("configs/task/detection.yaml", "dice_weight: 1.0", "dice_weight: 1.01"), "training"),
    "augmentation-order": (
        Planting(
            "ocr/data/dataset.py",
            (
                "        image_HWC, matrix_33 = self.crop(picture.image_HWC, centres_N2, rng)\n"
                "        image_HWC = self.photometric(image_HWC, rng)\n"
            ),
            "        image_HWC, matrix_33 = self.crop(self.photometric(picture.image_HWC, rng), centres_N2, rng)\n",
        ),
        "training",
    ),
    "shuffle": (
        Planting(
            "ocr/data/sampler.py",
            "np.random.default_rng([self.seed, self.epoch]).permutation",
            "np.random.default_rng([self.epoch, self.seed + 1]).permutation",
        ),
        "training",
    ),
    "threshold": (Planting("configs/task/detection.yaml", "binary_thresh: 0.3", "binary_thresh: 0.31"), "command line"),
    "no-ema": (
        Planting("configs/callbacks/default.yaml", "ema:\n  enabled: true", "ema:\n  enabled: false"),
        "training",
    ),
    "learning-rate-off-by-one": (
        Planting(
            "ocr/training/schedule.py",
            "progress = min(max(step - warmup_steps, 0)",
            "progress = min(max(step + 1 - warmup_steps, 0)",
        ),
        "training",
    ),
    "no-random-states-on-resume": (
        Planting(
            "ocr/training/resume.py",
            "            restore_random_state(self._random_state)\n",
            "            pass\n",
        ),
        "resume",
    ),
    "metric-rounding": (
        Planting(
            "ocr/metrics/evaluator.py",
            'f"cleval/{name}": float(getattr(cleval, name))',
            'f"cleval/{name}": round(float(getattr(cleval, name)), 4)',
        ),
        "evaluate 1",
    ),
    "float64": (
        Planting(
            "ocr/detection/losses/masked_l1.py",
            "prediction.float() - target.float()",
            "prediction.double() - target.double()",
        ),
        "training",
    ),
    "default": (Planting("configs/train.yaml", "lr: 0.003", "lr: 0.0031"), "training"),
    "ema-warm-up": (
        Planting(
            "ocr/training/averaging.py",
            "min(decay, (1.0 + count) / (10.0 + count))",
            "min(decay, (1.0 + count) / (9.0 + count))",
        ),
        "training",
    ),
    "exit-status": (
        Planting("runners/launch.py", "error=True)\n    return stop.exit_status", "error=True)\n    return 0"),
        "stop",
    ),
    "growth": (
        Planting("ocr/detection/postprocess/unclip.py", "CORNERS * (2.0 - kept)", "CORNERS * (2.001 - kept)"),
        "shapes",
    ),
}
"""What a proof of the steps, the figures and the polygons alone finds."""

WHOLE: Changes = {
    "swapped-size": (
        Planting(
            "ocr/formats/native_writing.py",
            'images[name] = {"img_w": width, "img_h": height, "words": words}',
            'images[name] = {"img_w": height, "img_h": width, "words": words}',
        ),
        "shapes",
    ),
    "silent-about-missing": (
        Planting("ocr/pipeline/evaluate.py", '        say(f"warning: {warning}", error=True)\n', "        pass\n"),
        "scores",
    ),
    "stop-line": (
        Planting("runners/launch.py", "*same, f'resume={run}'", "*same"),
        "stop",
    ),
    "no-run-settings": (
        Planting("ocr/training/kept.py", '"run": run_settings(config)}', '"run": {}}'),
        "training",
    ),
    "sigterm-not-held": (
        Planting(
            "ocr/utils/interruption.py",
            "STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})",
            "STOP_SIGNALS = frozenset({signal.SIGINT})",
        ),
        "SIGTERM",
    ),
    "upright-not-grown": (
        Planting(
            "ocr/detection/postprocess/db.py",
            "bounds_corners(lower_N2 + after_lower_N2 - before_lower_N2, upper_N2 + after_upper_N2 - before_upper_N2)",
            "bounds_corners(lower_N2, upper_N2)",
        ),
        "shapes",
    ),
    "exported-stride": (Planting("ocr/pipeline/export_onnx.py", "map_stride=1", "map_stride=2"), "export"),
    "log-without-a-row": (
        Planting(
            "ocr/training/loggers.py",
            "csv.DictWriter(stream, self.metrics_keys).writerows(rows)",
            "csv.DictWriter(stream, self.metrics_keys).writerows(rows[1:])",
        ),
        "stop",
    ),
    "recipe": (
        Planting("Makefile", "tests/gates/fuzz.py cases=$(CASES)", "tests/gates/fuzz.py cases=1"),
        "command line",
    ),
    "container": (Planting("docker/compose.yaml", "shm_size:", "shm_size_:"), "command line"),
    "shard-off-by-one": (
        Planting(
            "ocr/pipeline/shards.py", "[self.number - 1 :: self.count]", "[self.count - self.number :: self.count]"
        ),
        "parts",
    ),
    "merged-by-text": (
        Planting("ocr/pipeline/shards.py", "sorted(images, key=in_order)", "sorted(images, reverse=True)"),
        "parts",
    ),
    "score-with-three-digits": (
        Planting("ocr/formats/native_writing.py", "round(found.score, 4)", "round(found.score, 3)"),
        "shapes",
    ),
    "best-first": (
        Planting(
            "ocr/metrics/comparison.py",
            "sorted(self.counts.items(), key=lambda item: badness(*item))",
            "sorted(self.counts.items(), key=lambda item: badness(*item), reverse=True)",
        ),
        "scores",
    ),
    "overlay-colour": (Planting("ocr/report/overlay.py", "FOUND = (220, 30, 30)", "FOUND = (221, 30, 30)"), "shapes"),
    "no-seed-in-metrics": (
        Planting("ocr/utils/provenance.py", '            "seed": seed,\n', ""),
        "training",
    ),
    "figures-of-one-process": (
        Planting(
            "ocr/training/module.py",
            "counts, losses = gather(self._counts), gather(self._losses)",
            "counts, losses = self._counts, self._losses",
        ),
        "two processes",
    ),
    "no-previous-point": (
        Planting(
            "ocr/training/resume.py",
            "self.path.with_name(PREVIOUS) if own",
            "self.path.with_name('earlier.ckpt') if own",
        ),
        "training",
    ),
    "file-mode": (
        Planting(
            "ocr/utils/whole_file.py",
            "        temporary.replace(path)\n",
            "        temporary.chmod(0o600)\n        temporary.replace(path)\n",
        ),
        "training",
    ),
    "crowd-lost": (
        Planting("ocr/formats/coco.py", '"iscrowd": int(word.ignore)', '"iscrowd": 0'),
        "coco",
    ),
    "quad-off-by-one": (
        Planting(
            "ocr/formats/coco.py", "round(abs(signed_area(word.points_N2)), 4)", "round(signed_area(word.points_N2), 1)"
        ),
        "coco",
    ),
    "table-without-seconds": (
        Planting("ocr/report/found.py", 'f"{min(scores):.3f}"', 'f"{min(scores):.2f}"'),
        "shapes",
    ),
    "submission-separator": (
        Planting("ocr/formats/submission.py", '"|".join(', '"||".join('),
        "shapes",
    ),
    "message": (
        Planting("runners/launch.py", "must be given; see configs/", "must be given"),
        "mistakes at predict",
    ),
    "one-figure-is-tuned": (
        Planting(
            "configs/tune.yaml", "objective: [cleval/hmean, iou50/hmean]", "objective: [iou50/hmean, cleval/hmean]"
        ),
        "tune",
    ),
    "changes-without-values": (
        Planting(
            "ocr/checks/repair_folder.py",
            "value=reason) for name, reason in reasons if reason]",
            "value='') for name, reason in reasons if reason]",
        ),
        "check",
    ),
    "help": (
        Planting("configs/predict.yaml", "num_workers: 2 ", "num_workers: 1 "),
        "help",
    ),
    "figures-as-table": (
        Planting("ocr/report/figures.py", 'f"{value:.4f}"', 'f"{value:.3f}"'),
        "shipped weights",
    ),
    "seed-of-the-generator": (
        Planting("configs/synthesize.yaml", "seed: 0 ", "seed: 2 "),
        "command line",
    ),
    "case-of-a-line": (
        Planting(
            "ocr/data/line_receipts.py",
            "lines = [Line(picture.image_HWC, word, case_known)",
            "lines = [Line(picture.image_HWC, word, True)",
        ),
        "recognition",
    ),
    "lines-cut-wider": (
        Planting(
            "ocr/data/lines.py", "margin + rng.uniform(-0.5 * self.sides", "margin + rng.uniform(-0.4 * self.sides"
        ),
        "recognition",
    ),
    "characters-per-line": (
        Planting("ocr/metrics/text.py", "ratio(total.edits, total.characters)", "ratio(total.edits, total.lines)"),
        "recognition",
    ),
    "place-in-a-pool": (
        Planting(
            "ocr/data/line_datamodule.py",
            "return PooledLoader(loader, self.batches, batches % self.batches)",
            "return PooledLoader(loader, self.batches, 0)",
        ),
        "stopped lines",
    ),
}
"""What only a comparison of everything that is written, printed and returned finds."""


def rename(folder: Path) -> None:
    """A private function gets another name, everywhere."""
    for path in (folder / "ocr").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("growth_to_area", "offset_for_area"), encoding="utf-8")


def split(folder: Path) -> None:
    """A function moves into a module of its own."""
    path = folder / "ocr" / "detection" / "postprocess" / "db.py"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("def _checked_map("), text.index("def _detections(")
    head = "from __future__ import annotations\n\nimport numpy as np\n\nfrom ocr.types import FloatArray\n\n\n"
    moved = f'"""What a postprocess takes."""\n\n{head}{text[start:end].rstrip()}\n'
    path.with_name("checked.py").write_text(moved.replace("_checked_map", "checked_map"), encoding="utf-8")
    text = text[:start] + text[end:]
    text = text.replace("_checked_map", "checked_map")
    text = text.replace(
        "from ocr.detection.postprocess.frame",
        "from ocr.detection.postprocess.checked import checked_map\nfrom ocr.detection.postprocess.frame",
    )
    path.write_text(text, encoding="utf-8")


REORDERED = Planting(
    "ocr/report/figures.py",
    "import json\nfrom collections.abc import Mapping, Sequence\nfrom pathlib import Path\n",
    "from pathlib import Path\nfrom collections.abc import Mapping, Sequence\nimport json\n",
)
REWRITTEN = Planting(
    "ocr/formats/submission.py",
    "        polygons = [plain_points(detection.points_N2) for detection in found]\n",
    (
        "        polygons = []\n"
        "        for detection in found:\n"
        "            polygons.append(plain_points(detection.points_N2))\n"
    ),
)
REFACTORS: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "rename": (rename, ("shapes", "own checkpoint")),
    "split": (split, ("shapes", "own checkpoint")),
    "reordered-import": (REORDERED, ("shipped weights",)),
    "rewritten-loop": (REWRITTEN, ("shapes",)),
}
"""After these everything is as it was but the code; with jobs that run the changed lines."""
