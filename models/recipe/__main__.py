"""python -m recipe STEP…: the steps that make the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from . import settings as recipe

HERE = Path(__file__).parent


def _prepare(settings: recipe.Settings) -> None:
    from . import prepare

    if not prepare.done(settings.work / "recordings"):
        prepare.prepare(settings)


def _synthesize(settings: recipe.Settings) -> None:
    from . import prepare

    if not prepare.done(settings.work / "synthetic"):
        prepare.synthesize(settings)


def _train(settings: recipe.Settings) -> None:
    from .train import train

    train(settings)


def _export(settings: recipe.Settings) -> None:
    from .export import export

    export(settings)


def _graph(settings: recipe.Settings) -> None:
    from .graph import graph

    graph(settings)


def _evaluate(settings: recipe.Settings) -> None:
    from .evaluate import evaluate

    evaluate(settings)


STEPS: dict[str, Callable[[recipe.Settings], None]] = {
    "prepare": _prepare,
    "synthesize": _synthesize,
    "train": _train,
    "export": _export,
    "graph": _graph,
    "evaluate": _evaluate,
}


def main(
    steps: Annotated[
        list[str], typer.Argument(metavar="STEP...", help=f"{', '.join(STEPS)}, or all.")
    ],
    config: Annotated[Path, typer.Option(help="Settings.")] = HERE / "recipe.yaml",
) -> None:
    """Make the speech model, step by step. A step that was cut off goes on where it stopped."""
    unknown = [step for step in steps if step not in (*STEPS, "all")]
    if unknown:
        raise typer.BadParameter(f"there is no step {', '.join(unknown)}")
    settings = recipe.read(config)
    for step, work in STEPS.items():
        if step in steps or "all" in steps:
            print(f"== {step}", flush=True)
            work(settings)


if __name__ == "__main__":
    typer.run(main)
