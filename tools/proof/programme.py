"""The jobs that run in both revisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.proof.jobs import BEST, REF_BEST, STOP_STEP, Command, Inputs, Job
from tools.proof.scenes import scenes

SMALL = (
    "seed=0",
    "trainer.max_epochs=2",
    "trainer.devices=1",
    "trainer.deterministic=true",
    "trainer.log_every_n_steps=1",
    "resume_points.every_n_steps=3",
    "data.batch_size=2",
    "data.crop.size=320",
    "data.transform.long_side=640",
    "postprocess.binary_thresh=0.394",
    "postprocess.box_thresh=0.2",
)
"""A training of two epochs over the default model, small enough to be run three times by each revision. Its map still
lies around 0.39 everywhere: that threshold cuts it into dozens of odd regions, which is what a postprocess and a metric
are compared on."""
STOP_AT = 5


def planned(inputs: Inputs, parts: Sequence[str]) -> list[Job]:
    """The jobs of some parts, in the order in which they are run: those whose cost is measured come first."""
    jobs = [job for job in (*trainings(inputs), *scenes(inputs)) if job.part in parts]
    return sorted(jobs, key=lambda job: not job.paired)


def trainings(inputs: Inputs) -> Iterator[Job]:
    """A training, one that a signal stops, its continuation, the test and prediction of what they left."""
    data = f"data.root={inputs.data}"
    training = (*SMALL, data, *inputs.training)
    stopped = Command("train", ("exp_name=stopped", *training), {STOP_STEP: str(STOP_AT)})
    resumed = Command("train", ("exp_name=stopped", *training, "resume=auto"))
    again = Command("train", ("exp_name=stopped", *training, "resume=auto", "seed=1"))
    for number in (1, 2, 3):
        files = (f"ground_truth={inputs.given}/many/truth.json", f"predictions={inputs.given}/many/found.json")
        metric = Command("evaluate", (*files, "granularity=line"))
        yield Job("evaluate", f"evaluate {number}", (metric,), paired=True)
    begun = Command("train", ("exp_name=training", *training))
    yield Job("training", "training", (begun,), paired=True, recorded=True)
    yield Job("training", "stop", (stopped,), folder="resume", recorded=True, must_succeed=False)
    yield Job("resume", "resume", (resumed,), recorded=True)
    yield Job("resume", "another seed", (again,), folder="resume", must_succeed=False)
    scored = (f"checkpoint_path={REF_BEST}", data, "trainer.devices=1", "trainer.deterministic=true")
    yield Job("test", "test", (Command("test", scored),), recorded=True)
    own = (f"checkpoint_path={BEST}", f"input={inputs.data}/images/test", "output=found", "csv=true")
    yield Job("test", "own checkpoint", (Command("predict", own),))
