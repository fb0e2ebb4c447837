"""Elastic data-parallel training as a careful PyTorch user writes it: what bench/torchrun-recovery.ts kills.

In: the environment that torchrun gives a worker, and the flags below.
Out: FOLDER/snapshot.pt, written by rank 0 every so many steps and loaded at every start; FOLDER/rank-N.jsonl, to
which rank N appends what it reached and when, on the monotonic clock that all processes of a machine share.
Whoever starts it gives it an end (--until), so that it does not go on for ever when its starter is gone.

    torchrun --standalone --nproc-per-node=3 --max-restarts=3 train.py --model mnist --folder FOLDER

Random bags stand in for data: each is a function of its number, so that no start waits for a disk.
"""

import argparse
import json
import os
import pathlib
import time

RANK = int(os.environ["RANK"])


class RankLog:
    """One JSON object a line, written at once, so that a killed worker has said all that it did."""

    def __init__(self, path: pathlib.Path) -> None:
        self.file = path.open("a", buffering=1)
        self.constant = {"restart": int(os.environ["TORCHELASTIC_RESTART_COUNT"]), "pid": os.getpid()}

    def say(self, event: str, step: int = 0) -> None:
        line = {"event": event, "step": step, **self.constant, "at": time.monotonic()}
        self.file.write(json.dumps(line) + "\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=["mnist", "large"], required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--batch", type=int, default=8, help="bags per step, over all ranks")
    parser.add_argument("--snapshot-every", type=int, default=20, help="steps")
    parser.add_argument("--until", type=float, default=time.monotonic() + 600, help="no step after this monotonic time")
    return parser.parse_args()


settings = arguments()
log = RankLog(settings.folder / f"rank-{RANK}.jsonl")
log.say("began")

import torch  # noqa: E402: the import is much of what a restart costs, so the log begins before it
import torch.distributed as dist  # noqa: E402
from torch.nn.functional import binary_cross_entropy_with_logits  # noqa: E402
from torch.nn.parallel import DistributedDataParallel  # noqa: E402

from bags_and_models import BAGS, bag_of, label_of, model_of  # noqa: E402


def bags_of_step(step: int, world: int) -> list[int]:
    """This rank's bags of a step; each bag once per epoch, in an order that depends on the epoch alone."""
    per_epoch = BAGS // settings.batch
    epoch, place = divmod(step, per_epoch)
    order = torch.randperm(BAGS, generator=torch.Generator().manual_seed(epoch)).tolist()
    return order[place * settings.batch :][: settings.batch][RANK::world]


def save(path: pathlib.Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer, step: int) -> None:
    """Whole or absent: a worker killed half-way leaves the previous snapshot."""
    unfinished = path.with_suffix(".unfinished")
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, unfinished)
    unfinished.replace(path)


def load(path: pathlib.Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """The number of steps that the snapshot holds; 0 without one."""
    if not path.exists():
        return 0
    snapshot = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(snapshot["model"])
    optimizer.load_state_dict(snapshot["optimizer"])
    return snapshot["step"]


def main() -> None:
    log.say("imported")
    if time.monotonic() > settings.until:
        return
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    world = dist.get_world_size()
    log.say("joined")

    torch.manual_seed(1)
    model = model_of(settings.model)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4 if settings.model == "mnist" else 1e-4)
    log.say("built")
    snapshot = settings.folder / "snapshot.pt"
    step = load(snapshot, model, optimizer)
    parallel = DistributedDataParallel(model)
    log.say("loaded", step)

    while time.monotonic() < settings.until:
        chosen = bags_of_step(step, world)
        labels = torch.tensor([label_of(bag) for bag in chosen])  # [bags]
        logits = parallel([bag_of(settings.model, bag) for bag in chosen])  # [bags]
        # DDP takes the mean over ranks, and ranks have different numbers of bags: this makes it the mean over bags.
        loss = binary_cross_entropy_with_logits(logits, labels, reduction="sum") * world / settings.batch
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        log.say("step", step)
        if RANK == 0 and step % settings.snapshot_every == 0:
            save(snapshot, model, optimizer, step)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
