"""Inception v3, from a local file of weights: what FID is usually computed with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from tabsculpt.errors import UserError
from tabsculpt.pretrained.checkpoints import content, numbers_alone, reading
from tabsculpt.table import FloatArray
from tabsculpt.table.pixels import Pixels

_SIDE = 299
"""Pixels of a side of what the network was trained on."""
_CHUNK = 32
_EPSILON = 1e-3
_LAST, _CLASSES = "fc.weight", 1008
_WITHOUT_RIM = ("Conv2d_2a_3x3", "Conv2d_4a_3x3")
"""Convolutions that do not reach beyond the rim, as those do not that halve the lines."""


@dataclass(frozen=True)
class Inception:
    """The features of images before the classes, by weights that the user has.

    C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna, "Rethinking the Inception architecture
    for computer vision", 2016, https://arxiv.org/abs/1512.00567. The file is a state dict of torch
    or safetensors under the names of torchvision's ``inception_v3``: that of the package
    pytorch-fid, ``pt_inception-2015-12-05-6726825d.pth``, whose numbers are those of most papers.
    It has 1,008 classes, leaves the rims out of means and has a maximum in its last block, which
    torchvision's own has not; those are refused. Numbers alone are read from the file.

    Attributes:
        path: the file.
        content: a hash of the weights, computed; results are kept under it, not under the path.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    extra: ClassVar[str | None] = None

    path: str = field(compare=False)
    content: str = field(init=False, default="")

    def __post_init__(self) -> None:
        place = Path(self.path).expanduser()
        if not place.is_file():
            raise UserError(
                f"paths.inception: no file {str(place)!r}; expected weights of Inception v3"
            )
        object.__setattr__(self, "content", content({"features": place}))

    def features(self, features: FloatArray, pixels: Pixels) -> FloatArray:
        """What the network sees in images, shape (n, 2048).

        Args:
            features: of a table, shape (n, pixels).
            pixels: the layout of the images; grey ones are shown in each of the three colours.

        Raises:
            UserError: the file has no weights of Inception v3.
        """
        import torch

        path = Path(self.path).expanduser()
        images = torch.tensor(pixels.images(features), dtype=torch.float32).permute(0, 3, 1, 2)
        with reading("paths.inception", path, "FID network"), torch.no_grad():
            weights = _weights(path)
            seen = [_seen(weights, some.expand(-1, 3, -1, -1)) for some in images.split(_CHUNK)]
        found: FloatArray = torch.cat(seen).double().numpy()
        return found


def _weights(path: Path) -> Mapping[str, Any]:
    """The tensors of a file by name."""
    import torch
    from safetensors.torch import load_file

    if path.suffix == ".safetensors":
        found = load_file(path)
    else:
        with numbers_alone():
            found = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(found, dict) or _LAST not in found:
        raise ValueError(f"it has no {_LAST}")
    if (classes := len(found[_LAST])) != _CLASSES:
        raise ValueError(f"it has {classes} classes; that of FID has {_CLASSES}")
    return found


def _seen(weights: Mapping[str, Any], images: Any) -> Any:
    """The features of images with intensities from 0 to 1, shape (n, 3, h, w)."""
    from torch.nn import functional

    size = (_SIDE, _SIDE)
    large = functional.interpolate(images, size, mode="bilinear", align_corners=False)
    return _Network(weights).features(2 * large - 1)


@dataclass(frozen=True, eq=False)
class _Network:
    """The architecture as a function of its weights, whose shapes say how wide it is."""

    weights: Mapping[str, Any]

    def features(self, image: Any) -> Any:
        """From images of 299 x 299 pixels, from -1 to 1, to shape (n, features)."""
        from torch.nn import functional

        image = self._conv(image, "Conv2d_1a_3x3", 2)
        image = self._path(image, "", ("Conv2d_2a_3x3", "Conv2d_2b_3x3"))
        image = functional.max_pool2d(image, 3, 2)
        image = self._path(image, "", ("Conv2d_3b_1x1", "Conv2d_4a_3x3"))
        image = functional.max_pool2d(image, 3, 2)
        for block in "bcd":
            image = self._a(image, f"Mixed_5{block}.")
        image = self._b(image, "Mixed_6a.")
        for block in "bcde":
            image = self._c(image, f"Mixed_6{block}.")
        image = self._d(image, "Mixed_7a.")
        image = self._e(image, "Mixed_7b.", functional.avg_pool2d)
        return self._e(image, "Mixed_7c.", functional.max_pool2d).mean(dim=(2, 3))

    def _conv(self, image: Any, name: str, stride: int = 1) -> Any:
        from torch.nn import functional

        kernel = self.weights[f"{name}.conv.weight"]
        bare = stride > 1 or name in _WITHOUT_RIM
        rim = (0, 0) if bare else (kernel.shape[2] // 2, kernel.shape[3] // 2)
        image = functional.conv2d(image, kernel, None, stride, rim)
        mean, variance, scale, shift = (
            self.weights[f"{name}.bn.{part}"]
            for part in ("running_mean", "running_var", "weight", "bias")
        )
        normal = functional.batch_norm(image, mean, variance, scale, shift, eps=_EPSILON)
        return functional.relu(normal)

    def _path(self, image: Any, block: str, names: tuple[str, ...], last: int = 1) -> Any:
        """Convolutions one after the other, the last with a stride."""
        for place, name in enumerate(names, start=1):
            image = self._conv(image, f"{block}{name}", last if place == len(names) else 1)
        return image

    def _pooled(self, image: Any, block: str, pool: Any) -> Any:
        """The neighbourhood of each point, rims left out of means, and a convolution of it."""
        from torch.nn import functional

        means = {"count_include_pad": False} if pool is functional.avg_pool2d else {}
        return self._conv(pool(image, 3, 1, 1, **means), f"{block}branch_pool")

    def _a(self, image: Any, block: str) -> Any:
        from torch import cat
        from torch.nn import functional

        doubled = ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3")
        paths = (("branch1x1",), ("branch5x5_1", "branch5x5_2"), doubled)
        found = [self._path(image, block, names) for names in paths]
        return cat([*found, self._pooled(image, block, functional.avg_pool2d)], 1)

    def _b(self, image: Any, block: str) -> Any:
        from torch import cat
        from torch.nn import functional

        doubled = ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3")
        found = [self._path(image, block, names, 2) for names in (("branch3x3",), doubled)]
        return cat([*found, functional.max_pool2d(image, 3, 2)], 1)

    def _c(self, image: Any, block: str) -> Any:
        from torch import cat
        from torch.nn import functional

        seven = tuple(f"branch7x7_{place}" for place in range(1, 4))
        doubled = tuple(f"branch7x7dbl_{place}" for place in range(1, 6))
        found = [self._path(image, block, names) for names in (("branch1x1",), seven, doubled)]
        return cat([*found, self._pooled(image, block, functional.avg_pool2d)], 1)

    def _d(self, image: Any, block: str) -> Any:
        from torch import cat
        from torch.nn import functional

        seven = tuple(f"branch7x7x3_{place}" for place in range(1, 5))
        paths = (("branch3x3_1", "branch3x3_2"), seven)
        found = [self._path(image, block, names, 2) for names in paths]
        return cat([*found, functional.max_pool2d(image, 3, 2)], 1)

    def _e(self, image: Any, block: str, pool: Any) -> Any:
        from torch import cat

        found = [self._conv(image, f"{block}branch1x1")]
        doubled = ("branch3x3dbl_1", "branch3x3dbl_2")
        for names, ends in ((("branch3x3_1",), "branch3x3_2"), (doubled, "branch3x3dbl_3")):
            seen = self._path(image, block, names)
            found += [self._conv(seen, f"{block}{ends}{end}") for end in "ab"]
        return cat([*found, self._pooled(image, block, pool)], 1)
