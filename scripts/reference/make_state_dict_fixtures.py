"""State dicts as training scripts save them, and what their models say of one bag:
`python make_state_dict_fixtures.py ../../test/fixtures/state-dicts`. CLAM's are built with its published names and sizes.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn
from torchmil.models import ABMIL

WIDTH, HIDDEN, ATTENTION = 6, 5, 4


class GatedAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention_a = nn.Sequential(nn.Linear(HIDDEN, ATTENTION), nn.Tanh(), nn.Dropout(0.25))
        self.attention_b = nn.Sequential(nn.Linear(HIDDEN, ATTENTION), nn.Sigmoid(), nn.Dropout(0.25))
        self.attention_c = nn.Linear(ATTENTION, 1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.attention_c(self.attention_a(x) * self.attention_b(x)), x


class Clam(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention_net = nn.Sequential(nn.Linear(WIDTH, HIDDEN), nn.ReLU(), nn.Dropout(0.25), GatedAttention())
        self.classifiers = nn.Linear(HIDDEN, 2)
        self.instance_classifiers = nn.ModuleList([nn.Linear(HIDDEN, 2) for _ in range(2)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores, embeddings = self.attention_net(x)
        return self.classifiers(torch.softmax(scores, 0).T @ embeddings)[0]


def main(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(3)
    features = torch.randn(9, WIDTH)
    abmil = ABMIL(in_shape=(WIDTH,), att_dim=ATTENTION, gated=True, feat_ext=nn.Sequential(nn.Linear(WIDTH, HIDDEN), nn.ReLU())).eval()
    clam = Clam().eval()
    with torch.no_grad():
        logit = abmil(features[None])[0].item()
        two = clam(features)
    save_file(abmil.state_dict(), folder / "abmil.safetensors")
    wrapped = {f"module.{name}": value for name, value in abmil.state_dict().items()}
    torch.save({"epoch": 3, "state_dict": wrapped}, folder / "abmil-wrapped.pt")
    torch.save({name: value.double() for name, value in abmil.state_dict().items()}, folder / "abmil-double.pt")
    torch.save(clam.state_dict(), folder / "clam.pt")
    facts = {"features": features.flatten().tolist(), "width": WIDTH, "hidden": HIDDEN, "attention": ATTENTION, "abmil": logit, "clam": (two[1] - two[0]).item()}
    (folder / "expected.json").write_text(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
