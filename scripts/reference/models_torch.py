"""The two models as PyTorch modules: what bagfleet's own are compared with.

Names and layouts of their state_dict are those of bagfleet's checkpoints, so weights go both ways.
"""

import torch
from torch import Tensor, nn


class LenetAbmil(nn.Module):
    """Ilse et al. 2018, section 4.2: LeNet features, attention pooling (eq. 8, or gated: eq. 9), one linear layer.

    The names are those of the authors' published implementation.
    """

    def __init__(
        self,
        hidden: int = 500,
        attention: int = 128,
        gated: bool = True,
        outputs: int = 1,
        tile: tuple[int, int, int] = (28, 28, 1),
    ) -> None:
        super().__init__()
        height, width, channels = tile
        self.feature_extractor_part1 = nn.Sequential(
            nn.Conv2d(channels, 20, kernel_size=5),
            nn.ReLU(),
            nn.MaxPool2d(2, stride=2),
            nn.Conv2d(20, 50, kernel_size=5),
            nn.ReLU(),
            nn.MaxPool2d(2, stride=2),
        )
        pixels = len(range(16, height + 1, 4)) * len(range(16, width + 1, 4))  # of each of the 50 last maps
        self.feature_extractor_part2 = nn.Sequential(nn.Linear(50 * pixels, hidden), nn.ReLU())
        self.gated = gated
        if gated:
            self.attention_V = nn.Sequential(nn.Linear(hidden, attention), nn.Tanh())
            self.attention_U = nn.Sequential(nn.Linear(hidden, attention), nn.Sigmoid())
            self.attention_w = nn.Linear(attention, 1)
        else:
            self.attention = nn.Sequential(nn.Linear(hidden, attention), nn.Tanh(), nn.Linear(attention, 1))
        self.classifier = nn.Sequential(nn.Linear(hidden, outputs))

    def embed(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """[n, height, width, channels] → embeddings [n, hidden], attention scores [n]."""
        features = self.feature_extractor_part1(images.permute(0, 3, 1, 2)).flatten(1)
        embeddings = self.feature_extractor_part2(features)
        if self.gated:
            scores = self.attention_w(self.attention_V(embeddings) * self.attention_U(embeddings))
        else:
            scores = self.attention(embeddings)
        return embeddings, scores.squeeze(1)

    def pool(self, embeddings: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
        """One bag's [n, hidden] and [n] → logits [outputs], attention [n]."""
        attention = torch.softmax(scores, 0)
        return self.classifier(attention @ embeddings), attention

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        return self.pool(*self.embed(images))


class AttentionPool(nn.Module):
    """torchmil 1.0.2's names: `module` is what its lazily sized linear layer wraps."""

    def __init__(self, hidden: int, attention: int, gated: bool) -> None:
        super().__init__()
        self.gated = gated
        self.fc1 = nn.ModuleDict({"module": nn.Linear(hidden, attention)})
        self.fc2 = nn.Linear(attention, 1, bias=False)
        if gated:
            self.fc_gated = nn.ModuleDict({"module": nn.Linear(hidden, attention)})

    def forward(self, embeddings: Tensor) -> Tensor:
        inner = torch.tanh(self.fc1["module"](embeddings))
        if self.gated:
            inner = inner * torch.sigmoid(self.fc_gated["module"](embeddings))
        return self.fc2(inner).squeeze(1)


class Abmil(nn.Module):
    """torchmil's ABMIL with feat_ext = Sequential(Linear, ReLU), for one bag, with any number of outputs."""

    def __init__(self, width: int, hidden: int, attention: int, gated: bool = True, outputs: int = 1) -> None:
        super().__init__()
        self.feat_ext = nn.Sequential(nn.Linear(width, hidden), nn.ReLU())
        self.pool = AttentionPool(hidden, attention, gated)
        self.classifier = nn.ModuleDict({"module": nn.Linear(hidden, outputs)})

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """[n, width] → logits [outputs], attention [n]."""
        embeddings = self.feat_ext(features)
        attention = torch.softmax(self.pool(embeddings), 0)
        return self.classifier["module"](attention @ embeddings), attention
