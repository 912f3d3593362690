"""Counts of several processes come together in the order in which the images were dealt."""

from pathlib import Path

import torch.distributed as dist
import torch.multiprocessing as mp

from ocr.training.distributed import gather


def test_one_process_keeps_its_list() -> None:
    items = [3, 1, 2]
    assert gather(items) is items


def work(rank: int, folder: Path) -> None:
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    mine = [f"image {index}" for index in range(5) if index % 2 == rank]
    (folder / f"{rank}.txt").write_text("\n".join(gather(mine)), encoding="utf-8")
    dist.destroy_process_group()


def test_two_processes_take_turns(tmp_path: Path) -> None:
    mp.start_processes(work, args=(tmp_path,), nprocs=2, start_method="fork")
    expected = [f"image {index}" for index in range(5)]
    for rank in range(2):
        assert (tmp_path / f"{rank}.txt").read_text(encoding="utf-8").split("\n") == expected
