"""Weights of pretrained models as small as they can be: real files with random numbers."""

from __future__ import annotations

import atexit
import dataclasses
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tabsculpt.extras import absent

CLASSES = 10


def settings(component: type[Any]) -> dict[str, Any]:
    """The settings with which a component that needs weights has such; none for any other."""
    known = {"TabPFN": tabpfn, "TabICL": tabicl}
    if (make := known.get(component.__name__)) is None:
        return {}
    return {"path": None if absent(component.libraries) else str(make())}


def typed(group: str, name: str) -> list[str]:
    """What is typed so that a choice of a group has such weights; nothing for any other."""
    if (group, name) == ("generator", "tabpfn"):
        return [f"generator.path={tabpfn()}"]
    if (group, name) == ("predictors", "foundation"):
        return [f"predictors.tabpfn.path={tabpfn()}", f"predictors.tabicl.path={tabicl()}"]
    return []


def language_model(folder: Path, positions: int, width: int = 16) -> Path:
    """A GPT-2 of two layers and its tokenizer of single bytes, as the hub holds them.

    Args:
        folder: an empty one, which becomes theirs.
        positions: tokens that it reads at once.
        width: numbers in a token's vector.
    """
    import torch
    import transformers

    tokenizer = _bytes()
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=256, n_positions=positions, n_embd=width, n_layer=2, n_head=2, bos_token_id=0,
        initializer_range=width**-0.5, resid_pdrop=0.0, embd_pdrop=0.0,
    )  # fmt: skip
    transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def encoder(folder: Path) -> Path:
    """A BERT of one layer whose tokens are single bytes, as the hub holds them."""
    import torch
    import transformers

    folder.mkdir(exist_ok=True)
    _bytes().save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=256, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=40,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(folder)
    return folder


def _bytes() -> Any:
    """A tokenizer of single bytes."""
    import tokenizers

    pieces = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    vocabulary = {token: code for code, token in enumerate(sorted(pieces.alphabet()))}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pieces
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    return tokenizer


@cache
def tabpfn(architecture: str = "tabpfn_v3_5", role: str = "multiclass") -> Path:
    """A checkpoint of TabPFN.

    Args:
        architecture: of the package; one file of ``tabpfn_v3_5`` is for both tasks, one of
            ``tabpfn_v2`` for one.
        role: "multiclass" or "regression".
    """
    import torch
    from tabpfn.checkpoint import save_as_safetensors
    from tabpfn.constants import ModelVersion
    from tabpfn.inference_config import InferenceConfig
    from tabpfn.preprocessing.configs import PreprocessorConfig

    whole = _tabpfn_model(architecture, role)
    if architecture == "tabpfn_v2":
        path = _folder() / f"tabpfn-v2-{role}.ckpt"
        torch.save(whole, path)
        return path
    default = InferenceConfig.get_default("multiclass", ModelVersion.V2_5)
    quick = dataclasses.replace(
        default,
        PREPROCESS_TRANSFORMS=[PreprocessorConfig("none", categorical_name="numeric")],
        REGRESSION_Y_PREPROCESS_TRANSFORMS=(None,),
    )
    phrase = dataclasses.asdict(quick).items()
    config = {name: value for name, value in phrase if not name.startswith("_")}
    path = _folder() / "tabpfn-v3.5-tiny.safetensors"
    save_as_safetensors({**whole, "inference_config": config}, path)
    return path


@cache
def tabicl() -> Path:
    """A folder with a checkpoint of TabICL for each task, under their published names."""
    for role in ("classifier", "regressor"):
        _tabicl(role)
    return _folder()


def _tabicl(role: str) -> None:
    import torch
    from tabicl._model.tabicl import TabICL

    config = {
        "max_classes": CLASSES if role == "classifier" else 0, "num_quantiles": 19,
        "embed_dim": 16, "col_num_blocks": 1, "col_nhead": 2, "col_num_inds": 4,
        "row_num_blocks": 1, "row_nhead": 2, "row_num_cls": 2, "icl_num_blocks": 1, "icl_nhead": 2,
    }  # fmt: skip
    torch.manual_seed(0)
    path = _folder() / f"tabicl-{role}-v2-20260212.ckpt"
    torch.save({"config": config, "state_dict": _stirred(TabICL(**config))}, path)


def _tabpfn_model(architecture: str, role: str) -> dict[str, Any]:
    import torch
    from tabpfn.architectures import ARCHITECTURES
    from tabpfn.architectures.shared.bar_distribution import FullSupportBarDistribution

    small = {
        "tabpfn_v2": {"emsize": 16, "nlayers": 1, "nhead": 2},
        "tabpfn_v3_5": {
            "embed_dim": 16, "dist_embed_num_blocks": 1, "dist_embed_num_heads": 2,
            "dist_embed_num_inducing_points": 4, "feat_agg_num_blocks": 1,
            "feat_agg_num_heads": 2, "feat_agg_num_cls_tokens": 2, "nlayers": 1,
            "icl_num_heads": 2, "decoder_head_dim": 8, "decoder_num_heads": 2,
            "softmax_scaling_mlp_hidden_dim": 8,
        },
    }  # fmt: skip
    classes = 0 if (architecture, role) == ("tabpfn_v2", "regression") else CLASSES
    config = {**small[architecture], "max_num_classes": classes, "num_buckets": 20}
    module = ARCHITECTURES[architecture]
    torch.manual_seed(0)
    state = _stirred(module.get_architecture(module.parse_config(config)[0]))
    borders = torch.linspace(-3, 3, 21)  # of numbers in standard deviations
    if "heads.regression_borders" in state:
        state["heads.regression_borders"] = borders
    elif role == "regression":
        criterion = FullSupportBarDistribution(borders).state_dict()
        state |= {f"criterion.{name}": value for name, value in criterion.items()}
    return {"architecture_name": architecture, "config": config, "state_dict": state}


def _stirred(model: Any) -> dict[str, Any]:
    """The model's weights with noise: layers that begin at zero would answer the same always."""
    import torch

    learnt = {name for name, _ in model.named_parameters()}
    return {
        name: value.detach() + 0.1 * torch.randn_like(value) if name in learnt else value
        for name, value in model.state_dict().items()
    }


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="weights-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
