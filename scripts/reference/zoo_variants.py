"""Every model in every documented variant: bagfleet's `model` section beside the PyTorch module that says the same.

A variant's `run(features, bag)` gives what is compared: logits [outputs], attention [n] or None, instance logits
[n, outputs] or None, and the training objective as a function of the label.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from torchmil import models as torchmil

import zoo_models as own

WIDTH, HIDDEN, ATTENTION = 10, 8, 6
TILE = (13, 15, 3)
Out = tuple[Tensor, Tensor | None, Tensor | None, Callable[[int], Tensor]]


@dataclass
class Bag:
    features: Tensor
    """[n, width], or [n, height, width, channels]."""
    adjacency: Tensor
    """[n, n], normalised as torchmil's datasets do."""
    edges: Tensor
    """[2, edges]"""
    order: np.ndarray
    """[n], of pseudo-bags."""


@dataclass
class Variant:
    name: str
    config: dict
    module: nn.Module
    run: Callable[[nn.Module, Bag], Out]
    outputs: int = 1
    smallest: int = 1
    tiles: bool = False
    gain: float = 1.5
    noise: float = 0.1
    """Weights are that much larger than the initial ones, so that attention is far from uniform."""


def task_loss(logits: Tensor, label: int) -> Tensor:
    if len(logits) == 1:
        return binary_cross_entropy_with_logits(logits[0], torch.tensor(float(label), dtype=logits.dtype))
    return cross_entropy(logits, torch.tensor(label))


def plain(logits: Tensor, attention: Tensor | None, instances: Tensor | None = None) -> Out:
    return logits, attention, instances, lambda label: task_loss(logits, label)


def feat_ext() -> nn.Module:
    return own.extractor(WIDTH, HIDDEN)


def of_torchmil(module: nn.Module, bag: Bag) -> Out:
    """Models whose `forward(X, return_att=True)` gives one logit and unnormalised attention."""
    logit, scores = module(bag.features[None], return_att=True)
    return plain(logit, torch.softmax(scores[0], 0))


def of_torchmil_graph(module: nn.Module, bag: Bag) -> Out:
    logit, scores = module(bag.features[None], bag.adjacency[None], return_att=True)
    return plain(logit, torch.softmax(scores[0], 0))


def of_transmil(module: nn.Module, bag: Bag) -> Out:
    logit, attention = module(bag.features[None], return_att=True)
    return plain(logit, attention[0])


def of_own(module: nn.Module, bag: Bag) -> Out:
    return plain(*module(bag.features))


def of_own_graph(module: nn.Module, bag: Bag) -> Out:
    return plain(*module(bag.features, bag.edges))


def of_dsmil(module: nn.Module, bag: Bag) -> Out:
    ofBag, attention, instances = module(bag.features[None], return_att=True, return_inst_pred=True)
    best = instances.max(1).values
    objective = lambda label: task_loss(ofBag, label) + task_loss(best, label)  # noqa: E731
    return 0.5 * (ofBag + best), attention[0, :, 0], instances[0][:, None], objective


def of_smooth(module: nn.Module, bag: Bag) -> Out:
    logits, f, energy = module(bag.features[None], bag.adjacency[None], return_att=True, return_kl_div=True)
    return logits, torch.softmax(f[0], 0), None, lambda label: task_loss(logits, label) + energy


def of_dtfd(module: nn.Module, bag: Bag) -> Out:
    shuffle = np.random.shuffle
    np.random.shuffle = lambda index: index.__setitem__(slice(None), bag.order)
    try:
        mask = torch.ones(1, len(bag.features))
        logits, pseudo, cam = module(bag.features[None], mask, return_pseudo_pred=True, return_inst_cam=True)
    finally:
        np.random.shuffle = shuffle
    objective = lambda label: task_loss(logits, label) + torch.stack([task_loss(p[None], label) for p in pseudo[0]]).mean()  # noqa: E731
    return logits, None, cam[0][:, None], objective


def of_own_dtfd(module: nn.Module, bag: Bag) -> Out:
    logits, pseudo, cam = module(bag.features, torch.from_numpy(bag.order))
    objective = lambda label: task_loss(logits, label) + torch.stack([task_loss(p, label) for p in pseudo]).mean()  # noqa: E731
    return logits, None, cam, objective


def of_clam(k: int, subtyping: bool, loss: str, weights: tuple[float, float]) -> Callable[[nn.Module, Bag], Out]:
    def run(module: nn.Module, bag: Bag) -> Out:
        if isinstance(module, torchmil.CLAM_SB):
            logits, scores, embeddings = module(bag.features[None], return_att=True, return_emb=True)
            scores, embeddings = scores[0][:, None], embeddings[0]
        else:
            logits, scores, embeddings = module(bag.features)
        classifiers = list(module.inst_classifiers)
        branches = [scores[:, c if scores.shape[1] > 1 else 0] for c in range(len(classifiers))]
        called = int(logits.argmax()) if scores.shape[1] > 1 else 0
        if isinstance(module, own.ClamMb) and len(logits) == 2:
            logits = (logits[1] - logits[0])[None]
        pairs = [classifier(embeddings) for classifier in classifiers]
        told = [1] if len(logits) == 1 else range(len(logits))
        instances = torch.stack([pairs[c][:, 1] - pairs[c][:, 0] for c in told], 1)

        def objective(label: int) -> Tensor:
            clusters = own.clam_instance_loss(branches, embeddings, classifiers, label, k, subtyping, loss)
            return weights[0] * task_loss(logits, label) + weights[1] * clusters

        return logits, torch.softmax(branches[called], 0), instances, objective

    return run


def variants() -> Iterator[Variant]:
    base = {"hidden": HIDDEN, "attention": ATTENTION}
    shape = {"in_shape": (WIDTH,)}
    for act in ["tanh", "relu", "gelu"]:
        for gated in [False, True]:
            module = torchmil.ABMIL(**shape, att_dim=ATTENTION, att_act=act, gated=gated, feat_ext=feat_ext())
            yield Variant(f"abmil-{act}{'-gated' if gated else ''}", {"name": "abmil", **base, "activation": act, "gated": gated}, module, of_torchmil)
    module = torchmil.ABMIL(**shape, att_dim=ATTENTION)
    yield Variant("abmil-plain", {"name": "abmil", "hidden": None, "attention": ATTENTION, "gated": False}, module, of_torchmil)

    for pool in ["mean", "max"]:
        for level in ["embedding", "instance"]:
            yield Variant(f"{pool}_pool-{level}", {"name": f"{pool}_pool", **base, "level": level}, own.PlainPool(WIDTH, HIDDEN, 3, pool, level), of_own, outputs=3)

    for additive in [False, True]:
        name = "additive" if additive else "pooled_attention"
        config = {"name": name, "hidden": None, "pooled": {"attentionLayers": [7, 6], "classifierLayers": [9, 5]}}
        yield Variant(name, config, own.PooledAttention(WIDTH, None, [7, 6], [9, 5], 3, additive), of_own, outputs=3, gain=0.2 if additive else 1.5, noise=0.01 if additive else 0.1)

    for k in [1, 3]:
        for gated, act in [(False, "tanh"), (True, "gelu")]:
            clam = {"k": k, "bagWeight": 0.7, "instanceWeight": 0.3}
            module = torchmil.CLAM_SB(**shape, att_dim=ATTENTION, att_act=act, k_sample=k, gated=gated, feat_ext=feat_ext())
            config = {"name": "clam_sb", **base, "gated": gated, "activation": act, "clam": clam}
            yield Variant(f"clam_sb-{k}{'-gated' if gated else ''}", config, module, of_clam(k, True, "svm", (0.7, 0.3)), smallest=k)
    clam = {"k": 2, "instanceLoss": "cross_entropy", "subtyping": False, "bagWeight": 0.5, "instanceWeight": 0.5}
    config = {"name": "clam_sb", **base, "gated": True, "clam": clam}
    yield Variant("clam_sb-cross-entropy", config, own.ClamSb(WIDTH, HIDDEN, ATTENTION, True, 3), of_clam(2, False, "cross_entropy", (0.5, 0.5)), outputs=3, smallest=2)
    for outputs in [1, 3]:
        clam = {"k": 1, "bagWeight": 0.7, "instanceWeight": 0.3}
        config = {"name": "clam_mb", **base, "gated": True, "clam": clam}
        yield Variant(f"clam_mb-{outputs}", config, own.ClamMb(WIDTH, HIDDEN, ATTENTION, True, max(2, outputs)), of_clam(1, True, "svm", (0.7, 0.3)), outputs=outputs)

    for query in [False, True]:
        for value in [False, True]:
            module = torchmil.DSMIL(**shape, att_dim=ATTENTION, nonlinear_q=query, nonlinear_v=value, feat_ext=feat_ext())
            config = {"name": "dsmil", **base, "dsmil": {"nonlinearQuery": query, "nonlinearValue": value}}
            yield Variant(f"dsmil{'-query' if query else ''}{'-value' if value else ''}", config, module, of_dsmil)

    for distill in ["maxmin", "max", "afs"]:
        module = torchmil.DTFDMIL(**shape, att_dim=ATTENTION, n_groups=4, distill_mode=distill, feat_ext=feat_ext())
        config = {"name": "dtfd", **base, "dtfd": {"groups": 4, "distill": distill, "perGroup": None}}
        yield Variant(f"dtfd-{distill}-all", config, module, of_dtfd)
        module = own.Dtfd(WIDTH, HIDDEN, ATTENTION, 4, distill, 2)
        yield Variant(f"dtfd-{distill}", {**config, "dtfd": {"groups": 4, "distill": distill, "perGroup": 2}}, module, of_own_dtfd)

    yield from transformers(shape)
    yield from graphs(base, shape)

    for layers, ratio, least in [(4, 0.8, None), (3, 0.5, None), (5, 0.8, 0.02), (1, 0.8, None)]:
        config = {"name": "sagpool", "hidden": None, "sagpool": {"layers": layers, "width": 7, "ratio": ratio, "minScore": least, "dropout": 0}}
        yield Variant(f"sagpool-{layers}{'-score' if least else ''}", config, own.SagPool(WIDTH, 7, layers, ratio, least, 1), of_own_graph)

    yield Variant("panda", {"name": "panda", **base}, own.Panda(TILE, HIDDEN, ATTENTION, 1), of_own, tiles=True)
    yield Variant("panda_flat", {"name": "panda_flat", **base, "panda": {"tiles": 3}}, own.Panda(TILE, HIDDEN, ATTENTION, 1, 3), of_own, smallest=3, tiles=True)


def transformers(shape: dict) -> Iterator[Variant]:
    for layers, width, heads, mlp, landmarks in [(2, 12, 3, False, None), (3, 8, 2, True, 5)]:
        settings = {"width": width, "layers": layers, "heads": heads, "mlp": mlp, "landmarks": landmarks}
        module = torchmil.TransMIL(**shape, att_dim=width, n_layers=layers, n_heads=heads, use_mlp=mlp, n_landmarks=landmarks, feat_ext=feat_ext())
        yield Variant(f"transmil-{layers}", {"name": "transmil", "hidden": HIDDEN, "transformer": settings}, module, of_transmil)
    for layers, width, add, mlp, gated, act in [(1, 12, True, True, False, "tanh"), (2, HIDDEN, True, True, True, "relu"), (2, 12, False, False, False, "gelu")]:
        settings = {"width": width, "layers": layers, "heads": 4, "mlp": mlp, "addSelf": add}
        config = {"name": "transformer_abmil", "hidden": HIDDEN, "attention": ATTENTION, "gated": gated, "activation": act, "transformer": settings}
        module = torchmil.TransformerABMIL(
            **shape, pool_att_dim=ATTENTION, pool_act=act, pool_gated=gated, feat_ext=feat_ext(), transf_att_dim=width,
            transf_n_layers=layers, transf_n_heads=4, transf_use_mlp=mlp, transf_add_self=add,
        )
        yield Variant(f"transformer_abmil-{layers}-{act}", config, module, of_torchmil)


def graphs(base: dict, shape: dict) -> Iterator[Variant]:
    for gated, mlp in [(False, False), (True, True)]:
        settings = {"width": 12, "heads": 3, "mlp": mlp}
        module = torchmil.CAMIL(**shape, nystrom_att_dim=12, pool_att_dim=ATTENTION, gated_pool=gated, n_heads=3, n_landmarks=6, use_mlp=mlp, feat_ext=feat_ext())
        yield Variant(f"camil{'-gated-mlp' if gated else ''}", {"name": "camil", **base, "gated": gated, "transformer": settings}, module, of_torchmil_graph)
    for where in ["early", "mid", "late", "none"]:
        for mode, alpha, act in [("approx", "trainable", "tanh"), ("exact", "trainable", "gelu"), ("approx", 0.3, "relu"), ("exact", 0.3, "tanh")]:
            if where == "none" and mode == "exact":
                continue
            sm = {"mode": mode, "alpha": alpha, "steps": 4, "where": where}
            module = torchmil.SmABMIL(**shape, att_dim=ATTENTION, att_act=act, sm_mode=mode, sm_alpha=alpha, sm_steps=4, sm_where=where, feat_ext=feat_ext())
            yield Variant(f"sm_abmil-{where}-{mode}-{alpha}", {"name": "sm_abmil", **base, "activation": act, "sm": sm}, module, of_torchmil_graph)
    for mode, where, layers, width in [("approx", "early", 1, 12), ("exact", "late", 2, HIDDEN)]:
        sm = {"mode": mode, "alpha": "trainable", "steps": 3, "where": where}
        settings = {"width": width, "layers": layers, "heads": 4}
        module = torchmil.SmTransformerABMIL(
            **shape, pool_att_dim=ATTENTION, pool_sm_mode=mode, pool_sm_steps=3, pool_sm_where=where, feat_ext=feat_ext(),
            transf_att_dim=width, transf_n_layers=layers, transf_n_heads=4, transf_sm_mode=mode, transf_sm_steps=3,
        )
        yield Variant(f"sm_transformer_abmil-{mode}", {"name": "sm_transformer_abmil", **base, "sm": sm, "transformer": settings}, module, of_torchmil_graph)
    module = torchmil.SmoothABMIL(**shape, att_dim=ATTENTION, feat_ext=feat_ext())
    yield Variant("smooth_abmil", {"name": "smooth_abmil", **base}, module, of_smooth)
    for layers, depth, width in [(4, 1, None), (2, 2, 7)]:
        module = torchmil.PatchGCN(**shape, n_gcn_layers=layers, mlp_depth=depth, hidden_dim=width, att_dim=ATTENTION, feat_ext=feat_ext())
        yield Variant(f"patch_gcn-{layers}", {"name": "patch_gcn", **base, "gcn": {"layers": layers, "mlpDepth": depth, "width": width}}, module, of_torchmil_graph)
