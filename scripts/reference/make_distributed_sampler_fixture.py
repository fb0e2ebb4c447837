"""Writes test/fixtures/distributed-sampler/indices.json: which bags DistributedSampler gives to which rank.

    .venv/torch/bin/python scripts/reference/make_distributed_sampler_fixture.py

400 bags, 2 and 4 ranks, three epochs: the lists as torch.utils.data.DistributedSampler(shuffle=True, seed=6) yields them.
"""

import json
from pathlib import Path

import torch
from torch.utils.data import DistributedSampler

BAGS, SEED, EPOCHS = 400, 6, 3
FOLDER = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "distributed-sampler"


def rank_lists(ranks: int, epoch: int) -> list[list[int]]:
    lists = []
    for rank in range(ranks):
        sampler = DistributedSampler(range(BAGS), num_replicas=ranks, rank=rank, shuffle=True, seed=SEED)
        sampler.set_epoch(epoch)
        lists.append(list(sampler))
    return lists


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    fleets = {str(ranks): [rank_lists(ranks, epoch) for epoch in range(EPOCHS)] for ranks in (2, 4)}
    text = json.dumps({"torch": torch.__version__, "bags": BAGS, "seed": SEED, "fleets": fleets})
    (FOLDER / "indices.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
