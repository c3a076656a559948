"""The `models` commands: which speech models are there, are they whole, get another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Speech models: list, verify, install.",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def models(context: typer.Context) -> None:
    """Speech models: list them (the default), verify one, install one."""
    if context.invoked_subcommand is None:
        list_models()


@app.command("list", epilog="Example: voice-triage models list")
def list_models() -> None:
    """The models on this machine, and those that can be installed by name."""
    from voice_triage.models import installed
    from voice_triage.models.install import KNOWN

    here = installed()
    for model in here:
        note = "comes with the program" if model.embedded else "installed"
        print(f"{model.name:32} {model.size / 1e6:7.1f} MB  {note}: {model.path}")
    for name, published in KNOWN.items():
        if name not in {model.name for model in here}:
            print(f"{name:32} {published.mebibytes:5} MiB  can be installed: {published.note}")


@app.command(epilog="Example: voice-triage models verify triage-en")
def verify(
    model: Annotated[str | None, typer.Argument(metavar="[NAME|PATH]")] = None,
) -> None:
    """Is a model whole, does it load, does it decode? Exit code 1 if not."""
    from voice_triage.models import find, verify, vocabulary

    folder = find(model)
    problems = verify(folder)
    for problem in problems:
        print(f"{folder}: {problem}")
    if problems:
        raise typer.Exit(1)
    print(f"{folder}: good, {len(vocabulary(folder))} words")


@app.command(epilog="Example: voice-triage models install vosk-model-small-en-us-0.15")
def install(
    what: Annotated[str, typer.Argument(metavar="NAME|URL|ZIP")],
    sha256: Annotated[str | None, typer.Option(help="What the zip's SHA-256 must be.")] = None,
    into: Annotated[Path | None, typer.Option(help="Folder. Default: the user's own.")] = None,
) -> None:
    """Fetch or unpack a published Vosk model; an interrupted download goes on where it stopped."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from voice_triage.models.install import install

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task("Fetching", total=None)

        def show(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        folder = install(what, into, sha256, progress=show)
    print(f"{folder}: installed. Use it with: voice-triage --model {folder.name}")
