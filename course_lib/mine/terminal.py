"""The commands `course export`, `course check` and `course train`."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def export(folder: Annotated[Path, typer.Argument(help="Where the package my_library is written.")]):
    """Write your own functions as a package that needs NumPy alone."""
    from course_lib.mine.writing import export as write

    _print_anything()
    try:
        print(write(folder))
    except (ValueError, OSError) as error:
        raise SystemExit(str(error)) from error


def check(folder: Annotated[Path, typer.Argument(help="The folder that holds my_library, or that one itself.")]):
    """Judge an exported library, perhaps changed by you; what passes is kept."""
    from course_lib.mine.rejudging import recheck

    fine = True
    _print_anything()
    try:
        for good, line in recheck(folder):
            print(line, flush=True)
            fine = fine and good
    except (ValueError, OSError) as error:
        raise SystemExit(str(error)) from error
    raise typer.Exit(0 if fine else 1)


def train(
    epochs: Annotated[int, typer.Option(min=1, help="How often through the images.")] = 3,
    hidden: Annotated[int, typer.Option(min=1, help="Units of a hidden layer.")] = 100,
    images: Annotated[int, typer.Option(min=64, max=55_000, help="How many images to learn from.")] = 55_000,
):
    """Train a network made of your own functions on MNIST."""
    from course_lib.mine.ladder import climb

    _print_anything()
    try:
        print(climb(epochs, hidden, images))
    except KeyboardInterrupt:
        raise SystemExit("Stopped.") from None


def _print_anything():
    """Let a terminal that can't show a mark such as ✓ show a question mark."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
