"""The commands `course grade` and `course report`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from course_lib.grading.summary import Interrupted, counted, line, listed, listed_files, printable, told

LAYOUT_HELP = "How they are laid out: moodle, canvas, canvas-anonymous, nbgrader, folders, files or groups."


def grade(
    submissions: Annotated[Path, typer.Argument(help="Folder or archive of what was handed in.")],
    out: Annotated[Path, typer.Option(help="Folder for the marks.")] = Path("grades"),
    notebook: Annotated[str, typer.Option(help='Grade this one only, such as "01".')] = "",
    roster: Annotated[Path | None, typer.Option(help="CSV with a column student, name, username or email.")] = None,
    layout: Annotated[str, typer.Option(help=LAYOUT_HELP)] = "",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes. By default one a processor.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of the hidden inputs. By default a secret one.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Grade on the Dask cluster at this address.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be graded, and do nothing.")] = False,
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Grade even where answers can't be locked in.")] = False,
    progress: Annotated[bool | None, typer.Option(help="Show a bar. By default on a terminal.")] = None,
):
    """Grade what a class handed in; what was graded before is not graded again."""
    from course_lib.grading.batch import grade_class
    from course_lib.grading.handed_in.rosters import read_roster

    with _Faults():
        class_list = read_roster(roster) if roster else None
        if dry_run:
            raise typer.Exit(_preview(submissions, notebook, class_list, layout))
        try:
            summary = grade_class(submissions, out, notebook=notebook, roster=class_list, layout=layout,
                                  workers=workers, seed=seed, scheduler=scheduler, unsafe=unsafe, progress=progress,
                                  tell=lambda text: print(line(text), flush=True))
        except Interrupted as stop:
            print(stop, file=sys.stderr)
            raise typer.Exit(130) from None
        except KeyboardInterrupt:
            print("Stopped before anything was graded.", file=sys.stderr)
            raise typer.Exit(130) from None
        print(told(summary, out))
        raise typer.Exit(3 if summary.problems or summary.look else 0)


def report(
    grades: Annotated[Path, typer.Argument(help="The folder that course grade wrote.")] = Path("grades"),
    canvas: Annotated[Path | None, typer.Option(help="Canvas's exported gradebook, to be filled in.")] = None,
    moodle: Annotated[Path | None, typer.Option(help="Moodle's grading worksheet, to be filled in.")] = None,
    nbgrader: Annotated[Path | None, typer.Option(help="An nbgrader course, for its gradebook.")] = None,
    notebook: Annotated[str | None, typer.Option(help="The Moodle worksheet's notebook, such as \"01\".")] = None,
):
    """Write the marks as tables, feedback pages and statistics, and for Canvas, Moodle and nbgrader."""
    with _Faults():
        from course_lib.grading.reports.reporting import write

        written = write(grades, canvas=canvas, moodle=moodle, nbgrader=nbgrader, notebook=notebook)
        print(listed_files(written, grades))
        for problem in written.problems:
            print(printable(problem))
        raise typer.Exit(3 if written.problems else 0)


class _Faults:
    """Faults that the user can mend end the command with their message and exit code 1, without a traceback."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        from course_lib.grading.pools import BatchError

        if isinstance(error, OSError | ValueError | BatchError) and not isinstance(error, UnicodeError):
            print(printable(str(error)), file=sys.stderr)
            raise typer.Exit(1) from None


def _preview(submissions, notebook, class_list, layout):
    """Print what would be graded; return the exit code."""
    from course_lib.grading.batch import engine
    from course_lib.grading.handed_in.intake import take_in

    intake = take_in(submissions, identify=engine().identify, notebook=notebook, roster=class_list, layout=layout)
    print(line(intake.told()))
    students = len({found.student for found in intake.found})
    print(f"{counted(len(intake.found), 'notebook')} of {counted(students, 'student')} would be graded:")
    for found in intake.found:
        print(f"  {line(found.student)}  {found.notebook}  {line(found.origin)}")
    print(listed(intake.problems, most=len(intake.problems)), end="")
    print("Nothing was graded or written.", flush=True)
    intake.settled()
    return 3 if intake.problems else 0
