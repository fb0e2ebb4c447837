"""Loads an exported file in torchmil, strictly, and compares with what bagfleet predicts:

    npx bagfleet checkpoints export RUN --to model.safetensors
    npx bagfleet predict RUN --bags BAG --json > predicted.json
    python check_export.py model.safetensors predicted.json BAG.npy --gated

It makes the ABMIL that has the file's sizes.
"""

import argparse
import json

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn
from torchmil.models import ABMIL


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("weights")
    parser.add_argument("predicted")
    parser.add_argument("bag")
    parser.add_argument("--gated", action="store_true")
    given = parser.parse_args()
    weights = load_file(given.weights)
    hidden, width = weights["feat_ext.0.weight"].shape
    attention = weights["pool.fc2.weight"].shape[1]
    extractor = nn.Sequential(nn.Linear(width, hidden), nn.ReLU())
    model = ABMIL(in_shape=(width,), att_dim=attention, gated=given.gated, feat_ext=extractor)
    model.load_state_dict(weights, strict=True)
    bag = torch.from_numpy(np.load(given.bag)).float()[None]
    with torch.no_grad():
        theirs = model.eval()(bag).item()
    with open(given.predicted) as file:
        [ours] = json.load(file)["predictions"][0]["logits"]
    print(f"torchmil {theirs:.7f}, bagfleet {ours:.7f}, apart {abs(theirs - ours):.1e}")
    raise SystemExit(0 if abs(theirs - ours) < 1e-5 else 1)


if __name__ == "__main__":
    main()
