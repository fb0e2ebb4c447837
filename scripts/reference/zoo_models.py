"""The models that torchmil 1.0.2 does not have, or has with an error, as plain PyTorch: the published methods.

Each is written for one bag, [n, width] or [n, height, width, channels], with the names of bagfleet's parameters.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy


def extractor(width: int, hidden: int | None) -> nn.Module:
    return nn.Identity() if hidden is None else nn.Sequential(nn.Linear(width, hidden), nn.ReLU())


def smooth_top1_svm(logits: Tensor, targets: Tensor) -> Tensor:
    """Berrada et al. 2018, eq. 6 with k = 1 and margin 1; the maximum itself where the best leads by log 1000."""
    losses = []
    for row, target in zip(logits, targets.tolist()):
        margins = row + 1 - row[target]
        margins = torch.stack([margins[c] - float(c == target) for c in range(len(row))])
        first, second = row.topk(2).values
        lead = (first - second).item()
        losses.append(margins.max() if lead >= math.log(1e3) else torch.logsumexp(margins, 0))
    return torch.stack(losses).mean()


def clam_instance_loss(
    scores: list[Tensor], embeddings: Tensor, classifiers: list[nn.Module], label: int, k: int, subtyping: bool, loss: str
) -> Tensor:
    """CLAM's `inst_eval` and `inst_eval_out` over all classes; `scores[c]` is [n] of class c's branch."""
    criterion = smooth_top1_svm if loss == "svm" else cross_entropy
    total = torch.zeros((), dtype=embeddings.dtype)
    for c, classifier in enumerate(classifiers):
        top = scores[c].topk(k).indices
        if c == label:
            low = (-scores[c]).topk(k).indices
            targets = torch.tensor([1] * k + [0] * k)
            total = total + criterion(classifier(embeddings[torch.cat([top, low])]), targets)
        elif subtyping:
            total = total + criterion(classifier(embeddings[top]), torch.zeros(k, dtype=torch.long))
    return total / len(classifiers) if subtyping else total


class Wrapped(nn.Module):
    """A linear layer under the name `module`, as torchmil's lazily sized ones are."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.module = nn.Linear(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.module(x)


class Branches(nn.Module):
    """Attention with one row of scores per branch."""

    def __init__(self, width: int, attention: int, gated: bool, branches: int, act: nn.Module) -> None:
        super().__init__()
        self.fc1 = Wrapped(width, attention)
        self.fc2 = nn.Linear(attention, branches, bias=False)
        self.fc_gated = Wrapped(width, attention) if gated else None
        self.act = act

    def forward(self, x: Tensor) -> Tensor:
        inner = self.act(self.fc1(x))
        if self.fc_gated is not None:
            inner = inner * torch.sigmoid(self.fc_gated(x))
        return self.fc2(inner)


class ClamMb(nn.Module):
    def __init__(self, width: int, hidden: int, attention: int, gated: bool, classes: int) -> None:
        super().__init__()
        self.feat_ext = extractor(width, hidden)
        self.pool = Branches(hidden, attention, gated, classes, nn.Tanh())
        self.classifiers = nn.ModuleList([nn.Linear(hidden, 1) for _ in range(classes)])
        self.inst_classifiers = nn.ModuleList([Wrapped(hidden, 2) for _ in range(classes)])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of the classes [classes], scores [n, classes], embeddings [n, hidden]."""
        embeddings = self.feat_ext(x)
        scores = self.pool(embeddings)
        pooled = torch.softmax(scores, 0).T @ embeddings
        logits = torch.cat([classifier(pooled[c]) for c, classifier in enumerate(self.classifiers)])
        return logits, scores, embeddings


class ClamSb(nn.Module):
    """torchmil's CLAM_SB for several classes."""

    def __init__(self, width: int, hidden: int, attention: int, gated: bool, outputs: int) -> None:
        super().__init__()
        self.feat_ext = extractor(width, hidden)
        self.pool = Branches(hidden, attention, gated, 1, nn.Tanh())
        self.classifier = Wrapped(hidden, outputs)
        self.inst_classifiers = nn.ModuleList([Wrapped(hidden, 2) for _ in range(max(2, outputs))])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        embeddings = self.feat_ext(x)
        scores = self.pool(embeddings)
        pooled = torch.softmax(scores, 0).T @ embeddings
        return self.classifier(pooled)[0], scores, embeddings


def relu_mlp(width: int, sizes: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for i, size in enumerate(sizes):
        layers += [nn.Linear(width if i == 0 else sizes[i - 1], size), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class PooledAttention(nn.Module):
    """Javed et al. 2022, eq. 2; additive: eq. 4, whose patch contributions add up to the logits."""

    def __init__(self, width: int, hidden: int | None, attention: list[int], classifier: list[int], outputs: int, additive: bool) -> None:
        super().__init__()
        self.feat_ext = extractor(width, hidden)
        self.pooling = relu_mlp(hidden or width, [*attention, 1])
        self.classifier = relu_mlp(hidden or width, [*classifier, outputs])
        self.additive = additive

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        embeddings = self.feat_ext(x)
        attention = torch.softmax(self.pooling(embeddings), 0)
        if not self.additive:
            return self.classifier((attention * embeddings).sum(0)), attention[:, 0], None
        contributions = self.classifier(attention * embeddings)
        return contributions.sum(0), attention[:, 0], contributions


class PlainPool(nn.Module):
    def __init__(self, width: int, hidden: int, outputs: int, pool: str, level: str) -> None:
        super().__init__()
        self.feat_ext = extractor(width, hidden)
        self.classifier = Wrapped(hidden, outputs)
        self.pool, self.level = pool, level

    def forward(self, x: Tensor) -> tuple[Tensor, None, Tensor | None]:
        aggregate = (lambda y: y.mean(0)) if self.pool == "mean" else (lambda y: y.max(0).values)
        embeddings = self.feat_ext(x)
        if self.level == "embedding":
            return self.classifier(aggregate(embeddings)), None, None
        logits = self.classifier(embeddings)
        return aggregate(logits), None, logits


class GraphConv(nn.Module):
    """PyTorch Geometric's GraphConv on directed edges [2, edges]."""

    def __init__(self, width: int, out: int, aggr: str) -> None:
        super().__init__()
        self.lin_rel = nn.Linear(width, out)
        self.lin_root = nn.Linear(width, out, bias=False)
        self.aggr = aggr

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        sources, targets = edges
        summed = torch.zeros_like(x).index_add(0, targets, x[sources])
        if self.aggr == "mean":
            degree = torch.zeros(len(x), dtype=x.dtype).index_add(0, targets, torch.ones(len(targets), dtype=x.dtype))
            summed = summed / degree.clamp(min=1)[:, None]
        return self.lin_rel(summed) + self.lin_root(x)


class SagPooling(nn.Module):
    def __init__(self, width: int, ratio: float, min_score: float | None) -> None:
        super().__init__()
        self.gnn = GraphConv(width, 1, aggr="add")
        self.ratio, self.min_score = ratio, min_score

    def forward(self, x: Tensor, edges: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        scores = self.gnn(x, edges)[:, 0]
        if self.min_score is None:
            gates = torch.tanh(scores)
            kept = gates.sort(descending=True, stable=True).indices[: math.ceil(self.ratio * len(x))]
        else:
            gates = torch.softmax(scores, 0)
            least = min(self.min_score, gates.max().item() - 1e-7)
            kept = (gates > least).nonzero()[:, 0]
        place = torch.full((len(x),), -1)
        place[kept] = torch.arange(len(kept))
        moved = place[edges]
        return x[kept] * gates[kept][:, None], moved[:, (moved >= 0).all(0)], scores


class SagPool(nn.Module):
    """The network of the seed, with the order of PyTorch Geometric's benchmark."""

    def __init__(self, width: int, hidden: int, layers: int, ratio: float, min_score: float | None, outputs: int) -> None:
        super().__init__()
        self.conv1 = GraphConv(width, hidden, aggr="mean")
        self.convs = nn.ModuleList([GraphConv(hidden, hidden, aggr="mean") for _ in range(layers - 1)])
        self.pools = nn.ModuleList([SagPooling(hidden, ratio, min_score) for _ in range(layers // 2)])
        self.lin1 = nn.Linear(layers * hidden, hidden)
        self.lin2 = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor, edges: Tensor) -> tuple[Tensor, Tensor | None, None]:
        x = torch.relu(self.conv1(x, edges))
        means = [x.mean(0)]
        first = None
        for i, conv in enumerate(self.convs):
            x = torch.relu(conv(x, edges))
            means.append(x.mean(0))
            if i % 2 == 0 and i < len(self.convs) - 1:
                x, edges, scores = self.pools[i // 2](x, edges)
                first = scores if first is None else first
        out = self.lin2(torch.relu(self.lin1(torch.cat(means))))
        return out, None if first is None else torch.softmax(first, 0), None


class Panda(nn.Module):
    """Seed 001's network; flat: all tiles of a slide are one row, as printed."""

    def __init__(self, tile: tuple[int, int, int], hidden: int, attention: int, outputs: int, flat_tiles: int = 1) -> None:
        super().__init__()
        height, width, channels = tile
        side = lambda s: ((s - 3) // 2 - 2) // 2  # noqa: E731
        self.feature_extractor_part1 = nn.Sequential(
            nn.Conv2d(channels, 36, kernel_size=4), nn.ReLU(), nn.MaxPool2d(2, stride=2),
            nn.Conv2d(36, 48, kernel_size=3), nn.ReLU(), nn.MaxPool2d(2, stride=2),
        )
        self.flat = flat_tiles * 48 * side(height) * side(width)
        self.feature_extractor_part2 = nn.Sequential(nn.Linear(self.flat, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.attention = nn.Sequential(nn.Linear(hidden, attention), nn.Tanh(), nn.Linear(attention, 1))
        self.classifier = nn.Sequential(nn.Linear(hidden, outputs))
        self.tiles = flat_tiles

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, None]:
        rows = self.feature_extractor_part1(x.permute(0, 3, 1, 2)).reshape(-1, self.flat)
        embeddings = self.feature_extractor_part2(rows)
        attention = torch.softmax(self.attention(embeddings)[:, 0], 0)
        return self.classifier(attention @ embeddings), attention.repeat_interleave(self.tiles) / self.tiles, None


class Dtfd(nn.Module):
    """Zhang et al. 2022 with k instances of each kind per pseudo-bag (torchmil takes all); one output."""

    def __init__(self, width: int, hidden: int, attention: int, groups: int, distill: str, per_group: int) -> None:
        super().__init__()
        self.feat_ext = extractor(width, hidden)
        self.attention_pool = Branches(hidden, attention, False, 1, nn.Tanh())
        self.classifier = Wrapped(hidden, 1)
        self.u_attention_pool = Branches(hidden, attention, False, 1, nn.Tanh())
        self.u_classifier = Wrapped(hidden, 1)
        self.groups, self.distill, self.per_group = groups, distill, per_group

    def forward(self, x: Tensor, order: Tensor) -> tuple[Tensor, list[Tensor], Tensor]:
        """Logits [1], one logit per pseudo-bag, class activations [n, 1]."""
        embeddings = self.feat_ext(x)
        pseudo, rows = [], []
        for members in torch.tensor_split(order, min(self.groups, len(order))):
            part = embeddings[members]
            z = torch.softmax(self.attention_pool(part), 0).T @ part
            pseudo.append(self.classifier(z)[0])
            cam = (part @ self.classifier.module.weight.T)[:, 0]
            k = min(self.per_group, len(part))
            if self.distill == "afs":
                rows.append(z)
                continue
            rows.append(part[cam.topk(k).indices])
            if self.distill == "maxmin":
                rows.append(part[(-cam).topk(k).indices])
        chosen = torch.cat(rows)
        pooled = torch.softmax(self.u_attention_pool(chosen), 0).T @ chosen
        return self.u_classifier(pooled)[0], pseudo, embeddings @ self.classifier.module.weight.T
