"""Forward and backward of one bag in PyTorch, as often as its standard input says, on one thread.

In: lines `case`. Out: a line of JSON for each: seconds, CPU seconds of this process. The first run of a case makes its model.
"""

import json
import sys
import time

import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torchmil import models as torchmil

sys.path.insert(0, sys.argv[1])
from zoo_models import Panda, clam_instance_loss, extractor  # noqa: E402


def case_of(name: str):
    """A function that gives the loss of one bag, and the module."""
    one = torch.ones(1)
    if name == "panda":
        module = Panda((128, 128, 3), 512, 128, 1)
        x = torch.rand(16, 128, 128, 3)
        return module, lambda: bce(module(x)[0], one)
    x = torch.randn(1, 2000, 1024)
    if name == "abmil":
        module = torchmil.ABMIL(in_shape=(1024,), att_dim=128, gated=True, feat_ext=extractor(1024, 512))
        return module, lambda: bce(module(x), one)
    if name == "transmil":
        module = torchmil.TransMIL(in_shape=(1024,), att_dim=512, n_layers=2, n_heads=8, use_mlp=False)
        return module, lambda: bce(module(x), one)
    module = torchmil.CLAM_SB(in_shape=(1024,), att_dim=256, gated=True, k_sample=8, feat_ext=extractor(1024, 512))

    def loss() -> torch.Tensor:
        logit, scores, embeddings = module(x, return_att=True, return_emb=True)
        branches = [scores[0], scores[0]]
        clusters = clam_instance_loss(branches, embeddings[0], list(module.inst_classifiers), 1, 8, True, "svm")
        return 0.7 * bce(logit, one) + 0.3 * clusters

    return module, loss


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(1)
    cases = {}
    for line in sys.stdin:
        name = line.strip()
        if name not in cases:
            cases[name] = case_of(name)
        module, loss = cases[name]
        module.train()
        module.zero_grad(set_to_none=True)
        wall, cpu = time.perf_counter(), time.process_time()
        loss().backward()
        print(json.dumps({"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}), flush=True)


if __name__ == "__main__":
    main()
