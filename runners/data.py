"""Obtain the default data set and verify it against ``data.dvc``.

python runners/data.py                 # verify; where the folder is missing, pull or generate it first
python runners/data.py record=true     # record the present folder in data.dvc
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main

setup_project_paths()


@hydra_main("data", text=("root", "pointer"))
def data(cfg: DictConfig) -> None:
    """Produce the folder where it is missing; then compare its digest with the recorded one."""
    import subprocess
    import sys
    from pathlib import Path

    from ocr.utils.data_pointer import DigestError, pull_command, verify, write_pointer

    root, pointer = Path(cfg.root), Path(cfg.pointer)
    if not root.exists():
        generate = [sys.executable, str(Path(__file__).with_name("synthesize.py")), f"output={root}"]
        command = pull_command(pointer) or generate
        print(f"no {root}/ yet, obtaining it: {' '.join(command[1:])}", flush=True)
        if subprocess.run(command, check=False).returncode:
            sys.exit(f"{root} could not be obtained: see the message above")
    try:
        digest = write_pointer(root, pointer) if cfg.record else verify(root, pointer)
    except DigestError as error:
        sys.exit(str(error))
    print(f"{root}: {digest} {'recorded in' if cfg.record else 'as in'} {pointer}")


if __name__ == "__main__":
    data()
