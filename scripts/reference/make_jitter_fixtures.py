"""Tiles whose colours torchvision has changed, centre crops, normal quantiles: what data.augment and data.crop are held to.

Usage: python make_jitter_fixtures.py ../../test/fixtures/augment
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torchvision
from torchvision.transforms import functional as F

SIDE = 6
CHANGES = {"brightness": [0.0, 0.4, 1.7], "contrast": [0.0, 0.5, 1.8], "saturation": [0.0, 0.3, 2.5], "hue": [-0.5, -0.13, 0.27, 0.5]}
APPLY = {"brightness": F.adjust_brightness, "contrast": F.adjust_contrast, "saturation": F.adjust_saturation, "hue": F.adjust_hue}
SHIFTS = [
    {"order": ["hue", "brightness", "saturation", "contrast"], "brightness": 1.2, "contrast": 0.7, "saturation": 1.4, "hue": 0.1},
    {"order": ["contrast", "saturation", "hue", "brightness"], "brightness": 0.8, "contrast": 1.5, "saturation": 0.6, "hue": -0.3},
]


def tiles():
    drawn = np.random.default_rng(7).integers(0, 256, (3, SIDE, SIDE, 3), dtype=np.uint8)
    drawn[1] //= 4  # dark
    drawn[2, :2] = drawn[2, :2, :, :1]  # some grey pixels, which have no hue
    drawn[2, 2] = 0
    drawn[2, 3] = 255
    return drawn


def changed(tile, steps):
    image = torch.from_numpy(tile).permute(2, 0, 1).float() / 255
    for name, amount in steps:
        image = APPLY[name](image, amount)
    return [round(value, 9) for value in image.permute(1, 2, 0).flatten().tolist()]


def colours():
    for place, tile in enumerate(tiles()):
        for name, amounts in CHANGES.items():
            for amount in amounts:
                yield {"tile": place, "steps": [[name, amount]], "values": changed(tile, [(name, amount)])}
        for shift in SHIFTS:
            steps = [(name, shift[name]) for name in shift["order"]]
            yield {"tile": place, "steps": [list(step) for step in steps], "values": changed(tile, steps)}


def crops():
    for side in range(5, 12):
        for crop in range(1, side + 1):
            rows = torch.arange(side).reshape(1, side, 1).expand(1, side, side)
            yield {"side": side, "crop": crop, "first": int(F.center_crop(rows, [crop, crop])[0, 0, 0])}


def quantiles():
    places = list(range(0, 65536, 1021)) + [1, 2, 3, 65533, 65534, 65535]
    middles = (torch.tensor(places, dtype=torch.float64) + 0.5) / 65536
    return [[place, value] for place, value in zip(places, torch.special.ndtri(middles).tolist())]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    content = {"torchvision": torchvision.__version__.split("+")[0], "side": SIDE, "tiles": [t.flatten().tolist() for t in tiles()], "colours": list(colours()), "crops": list(crops()), "quantiles": quantiles()}
    (folder / "torchvision.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
