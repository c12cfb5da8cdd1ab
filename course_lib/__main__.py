"""The command `course`: check the machine, open JupyterLab, show progress, export one's own library, grade a class."""

import sys
from pathlib import Path
from typing import Annotated

import typer

import course_lib.mine.terminal as terminal  # `from course_lib.mine` would look for an exercise of that name
from course_lib.delivery import lab as jupyter
from course_lib.grading import command

main = typer.Typer(name="course", help="Training deep neural networks: an interactive course.",
                   no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@main.callback()
def replace_unknown():
    """Let every command print "?" for what the output's encoding doesn't know, such as ✓ in Latin-1."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # tests and programs may have put something simpler in its place
            stream.reconfigure(errors="replace")


@main.command()
def doctor():
    """Check this machine: versions, memory, data, backend."""
    from course_lib.delivery.doctor import doctor as examine

    report = examine()
    print(report)
    raise typer.Exit(0 if report.ok else 1)


@main.command()
def lab(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to try first.")] = 8888,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
    copy_to: Annotated[Path | None, typer.Option(help="Work on copies in this folder.")] = None,
):
    """Open JupyterLab on the first notebook."""
    jupyter.run(port, browser, copy_to)


@main.command()
def reset(notebook: Annotated[str, typer.Argument(help='Such as "01", "01_vanishing_gradients" or a path.')]):
    """Give a fresh copy of a notebook; yours is kept beside it."""
    from course_lib.delivery.building import reset as renew

    try:
        fresh, kept = renew(notebook)
    except (ValueError, OSError) as error:  # an unknown notebook, a folder that is read-only, ...
        raise SystemExit(str(error)) from error
    print(f"{fresh} is as new." + (f" Yours is kept as {kept}." if kept else ""))


@main.command()
def progress():
    """Show which exercises you have solved."""
    from course_lib.exercises import progress as panel

    print(panel())


main.command()(terminal.export)
main.command()(terminal.check)
main.command()(terminal.train)
main.command()(command.grade)
main.command()(command.report)


if __name__ == "__main__":
    main()
