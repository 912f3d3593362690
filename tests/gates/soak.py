"""One training killed again and again, continued each time, and compared with the training that nobody touched.

    PYTHONPATH=tests/support python tests/gates/soak.py kills=50 seed=0

`make soak KILLS=50` calls it. The moments are drawn from a seed: most within a second and a half after the training
goes on, one in five anywhere from its start. SIGINT, SIGTERM and SIGKILL take turns at random, as do the target (the
process or its group) and the number of loader workers.
"""

import json
import platform
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from drawn_receipts import write_drawn_data
from gate_trainings import SPLITS, Training, figures, history, leftovers, start_training, weights_hash
from ocr.weights.checkpoint_file import CheckpointError, load_checkpoint

EVERY = 5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
START_S, TRAINING_S = 6.0, 1.5


def main(arguments: list[str]) -> int:
    """Run both trainings, print the record, return 0 where they are the same and nothing was lost."""
    options = dict(argument.split("=", 1) for argument in arguments)
    kills, seed = int(options.get("kills", 50)), int(options.get("seed", 0))
    # Three epochs are more than what is trained between two kills, so that the training lasts for all of them.
    epochs = 3 * kills + 2
    settings = (f"trainer.max_epochs={epochs}", f"resume_points.every_n_steps={EVERY}")
    with tempfile.TemporaryDirectory() as top:
        data = write_drawn_data(Path(top) / "data", SPLITS)
        whole, killed = Path(top) / "whole", Path(top) / "killed"
        whole.mkdir()
        killed.mkdir()
        said(f"the training that nobody touches: {epochs} epochs of 8 steps")
        reference = start_training(whole, data, *settings, "data.num_workers=0")
        reference.finish(timeout_s=None)
        assert reference.process.returncode == 0, reference.output
        record = soak(killed, data, settings, kills, random.Random(seed))
        record |= compare(reference.run, max((killed / "outputs" / "gate").iterdir()))
    record |= {"seed": seed, "python": platform.python_version(), "machine": platform.machine()}
    print(json.dumps(record, indent=2))
    good = record["identical"] and not (record["orphans"] or record["corrupt_files"] or record["lost_steps_stopped"])
    return 0 if good and record["lost_steps_killed_most"] <= EVERY and record["kills"] == kills else 1


def soak(folder: Path, data: Path, settings: tuple[str, ...], kills: int, rng: random.Random) -> dict[str, Any]:
    """Kill and continue, then let it finish."""
    record: dict[str, Any] = {"kills": 0, "by_signal": {name.name: 0 for name in SIGNALS}, "saves": 0, "orphans": 0}
    record |= {"corrupt_files": 0, "lost_steps_stopped": 0, "lost_steps_killed": 0, "lost_steps_killed_most": 0}
    while record["kills"] < kills:
        signum = rng.choice(SIGNALS)
        training = start_training(folder, data, *settings, f"data.num_workers={rng.choice((0, 2))}", "resume=auto")
        before = steps(folder)
        if rng.random() < 0.2:
            time.sleep(rng.uniform(0.0, START_S))
        else:
            training.wait_for(lambda: len(steps(folder)) > len(before))  # noqa: B023 - called at once
            time.sleep(rng.uniform(0.0, TRAINING_S))
        training.send(signum, group=rng.random() < 0.5)
        training.finish()
        if training.process.returncode == 0:
            raise SystemExit(f"the training was over after {record['kills']} of {kills} kills: give it more epochs")
        expected = -signum if signum == signal.SIGKILL else 128 + signum
        early = training.process.returncode == -signum  # before Python ran: the signal's own default
        assert training.process.returncode == expected or early, training.output
        record["kills"] += 1
        record["by_signal"][signal.Signals(signum).name] += 1
        record["orphans"] += len(training.survivors())
        look(training, record, len(before), stopped=signum != signal.SIGKILL)
        said(f"{record['kills']}/{kills} {signal.Signals(signum).name}, at step {last_step(folder)}")
    training = start_training(folder, data, *settings, "resume=auto")
    training.finish(timeout_s=None)
    assert training.process.returncode == 0, training.output
    return record


def look(training: Training, record: dict[str, Any], before: int, *, stopped: bool) -> None:
    """What the kill left: the newest checkpoint, and how many finished steps it does not hold.

    Args:
        training: what was killed.
        record: what is counted in.
        before: steps that were finished when it was started.
        stopped: it was asked to stop, not killed.
    """
    point = next(iter(sorted(training.folder.glob("outputs/gate/*/checkpoints/last.ckpt"), reverse=True)), None)
    saved = 0
    for path in training.folder.glob("outputs/gate/*/checkpoints/*.ckpt"):
        try:
            content = load_checkpoint(path)
        except CheckpointError as error:
            said(f"corrupt: {error}")
            record["corrupt_files"] += 1
        else:
            record["saves"] += stopped and path == point
            saved = content["global_step"] if path == point else saved
    lost = max(last_step(training.folder) - saved, 0)
    if stopped:  # what this attempt did: stopped before its first step, it lost none that a kill before it had lost
        record["lost_steps_stopped"] += min(lost, len(steps(training.folder)) - before)
    else:
        record["lost_steps_killed"] += lost
        record["lost_steps_killed_most"] = max(record["lost_steps_killed_most"], lost)


def steps(folder: Path) -> list[int]:
    """Every finished step, in the order of time."""
    path = folder / "steps"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def last_step(folder: Path) -> int:
    """The step that was finished last."""
    return (steps(folder) or [0])[-1]


def compare(whole: Path, killed: Path) -> dict[str, Any]:
    """Hashes of both trainings, and whether weights, figures and logs are the same."""
    names = ("last.ckpt", "best.ckpt")
    hashes = {name: [weights_hash(run / "checkpoints" / name) for run in (whole, killed)] for name in names}
    same = all(one == other for one, other in hashes.values())
    return {
        "identical": same and figures(whole) == figures(killed) and history(whole) == history(killed),
        "identical_weights": same,
        "identical_figures": figures(whole) == figures(killed),
        "identical_logs": history(whole) == history(killed),
        "weights_sha256": hashes,
        "half_written_files": leftovers(killed),
    }


def said(line: str) -> None:
    """Progress, at once."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
