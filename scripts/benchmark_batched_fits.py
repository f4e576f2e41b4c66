"""Whether the networks of three segments train faster in one batched fit than one after the other.

    python scripts/benchmark_batched_fits.py [--steps 300] [--rows 100 500]

Three networks of the shape that wgan_gp trains (two hidden layers of 128, Adam) learn to undo noise
in rows of 10 columns, in batches of 128 as there: in turn, and as one network whose weights have a
dimension more (`torch.func.vmap` over `stack_module_state`). Both see the same batches; printed are
CPU seconds on one thread, their ratio, and how far the weights lie apart at the end.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import torch
from torch.func import functional_call, stack_module_state, vmap

from tabsculpt.generators.wgan_gp.maker import build_maker

COLUMNS, WIDTHS, BATCH, RATE = 10, [128, 128], 128, 2e-3


def networks(count: int) -> list[Any]:
    """As many networks with first weights of their own."""
    torch.manual_seed(0)
    return [build_maker(COLUMNS, WIDTHS, COLUMNS) for _ in range(count)]


def batches(rows: int, count: int, steps: int) -> tuple[Any, Any]:
    """Noised rows and the noise in them, shape (steps, count, batch, columns)."""
    generator = torch.Generator().manual_seed(1)
    data = torch.randn((count, rows, COLUMNS), generator=generator)
    picked = torch.randint(rows, (steps, count, BATCH, 1), generator=generator)
    chosen = torch.gather(data.expand(steps, -1, -1, -1), 2, picked.expand(-1, -1, -1, COLUMNS))
    noise = torch.randn(chosen.shape, generator=generator)
    return chosen + noise, noise


def in_turn(count: int, seen: Any, noise: Any) -> list[Any]:
    """The weights of networks that are trained one after the other."""
    found = networks(count)
    for place, network in enumerate(found):
        optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
        for step in range(len(seen)):
            optimiser.zero_grad(set_to_none=True)
            (network(seen[step, place]) - noise[step, place]).square().mean().backward()
            optimiser.step()
    return [torch.cat([p.detach().flatten() for p in each.parameters()]) for each in found]


def together(count: int, seen: Any, noise: Any) -> list[Any]:
    """Likewise of networks that are trained as one."""
    made = networks(count)
    weights, _ = stack_module_state(made)
    optimiser = torch.optim.Adam(weights.values(), lr=RATE)

    def loss(of_one: dict[str, Any], rows: Any, target: Any) -> Any:
        return (functional_call(made[0], of_one, (rows,)) - target).square().mean()

    for step in range(len(seen)):
        optimiser.zero_grad(set_to_none=True)
        vmap(loss)(weights, seen[step], noise[step]).sum().backward()
        optimiser.step()
    return [torch.cat([w[i].detach().flatten() for w in weights.values()]) for i in range(count)]


def timed(train: Callable[..., list[Any]], *given: Any) -> tuple[float, list[Any]]:
    began = time.process_time()
    found = train(*given)
    return time.process_time() - began, found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--rows", type=int, nargs="+", default=[100, 500])
    given = parser.parse_args()
    torch.set_num_threads(1)
    for rows in given.rows:
        seen, noise = batches(rows, 3, given.steps)
        for train in (in_turn, together):
            train(3, seen[:20], noise[:20])  # imports, kernels
        apart, one = timed(in_turn, 3, seen, noise)
        batched, other = timed(together, 3, seen, noise)
        far = max(float((a - b).abs().max()) for a, b in zip(one, other, strict=True))
        print(
            f"{rows} rows a segment, {given.steps} steps: in turn {apart:.2f} CPU s, together "
            f"{batched:.2f} CPU s, {apart / batched:.2f} times as fast; weights differ by {far:.1e}"
        )


if __name__ == "__main__":
    main()
