"""Print the template of a pull request or a commit message, filled in from the last checklist and proof.

    make pull-request
    make commit-message > message && git commit --edit --file message

A report about other files than the current ones is an error.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import REPOSITORY_ROOT, setup_project_paths
from runners.launch import hydra_main, say

setup_project_paths()


@hydra_main("evidence", text=("template", "checklist", "proof"))
def evidence(cfg: DictConfig) -> None:
    """Fill the template from the reports and print it."""
    from pathlib import Path

    from tools.evidence import blocks, fill, read_report
    from tools.revisions import tree_of

    tree = tree_of(REPOSITORY_ROOT)
    folders = {"checklist": Path(cfg.checklist), "proof": Path(cfg.proof)}
    checklist, proof = read_report(folders["checklist"], tree, "make validate"), None
    if (folders["proof"] / "report.json").exists():
        proof = read_report(folders["proof"], tree, "make prove REF=<revision>")
    made = [name for name in folders if name == "checklist" or proof]
    texts = {name: (folders[name] / "report.md").read_text(encoding="utf-8") for name in made}
    template = (REPOSITORY_ROOT / cfg.template).read_text(encoding="utf-8")
    say(*fill(template, blocks(checklist, proof, texts)).splitlines())


if __name__ == "__main__":
    evidence()
