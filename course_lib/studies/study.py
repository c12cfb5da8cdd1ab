"""The stored results of longer studies: one CSV file a study, one row a run, each row with all that made it."""

import csv
import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "studies"
MADE = ("digest", "numpy", "python", "date")  # the columns that say how a row was made
RENEW = "`make studies` runs what is missing."


class StudyError(ValueError):
    """A stored study is missing, damaged, incomplete, or older than its definition."""


@dataclass(frozen=True)
class Study:
    """A grid of settings, each run with every seed.

    Parameters
    ----------
    name : str
        Of its file, studies/NAME.csv.
    budget : dict
        What is the same in all runs, such as the number of epochs; changed, it makes the stored rows stale.
    grid : dict of str to tuple
        The values of each setting; all combinations are run.
    seeds : tuple of int
    values : tuple of str
        What a run measures, finite numbers all.
    run : function (setting, seed) -> dict of the values
    """

    name: str
    budget: dict
    grid: dict
    seeds: tuple
    values: tuple
    run: Callable

    @property
    def columns(self):
        return (*self.grid, "seed", *self.values, *MADE)

    @property
    def digest(self):
        """The definition in a few letters: another budget or other values measured give other ones."""
        text = json.dumps([self.budget, list(self.values)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def runs(self):
        """Return all (setting, seed) in the order in which they are stored."""
        settings = [dict(zip(self.grid, values, strict=True)) for values in product(*self.grid.values())]
        return [(setting, seed) for setting in settings for seed in self.seeds]


def path_of(study, folder=FOLDER):
    """Return where a study is stored."""
    return Path(folder) / f"{study.name}.csv"


def load(study, folder=FOLDER):
    """Return all rows of a stored study, in the order of `Study.runs`: dicts of the settings, the seed and the values.

    Raises
    ------
    StudyError
        If the file is missing, damaged, stale, or lacks a run; says which, and what to do.
    """
    rows = read(study, folder)
    lacking = [run for run in study.runs() if key(*run) not in rows]
    if lacking:
        setting, seed = lacking[0]
        raise StudyError(f"{path_of(study, folder).name} lacks {len(lacking)} runs, the first with {setting} and seed "
                         f"{seed}: {RENEW}")
    return [rows[key(*run)] for run in study.runs()]


def key(setting, seed):
    """Return what tells a run from the others of its study."""
    return (*map(str, setting.values()), seed)


def read(study, folder=FOLDER):
    """Return the rows that are stored already, as a dict from `key`; StudyError where one can't be trusted."""
    path = path_of(study, folder)
    try:
        with open(path, newline="", encoding="utf-8") as file:
            header, *lines = csv.reader(file)
    except FileNotFoundError:
        raise StudyError(f"{path} is missing: {RENEW}") from None
    except (ValueError, csv.Error) as error:
        raise StudyError(f"{path} is empty or no CSV file ({error}): delete it, then {RENEW}") from None
    if tuple(header) != study.columns:
        raise StudyError(f"{path.name} has the columns {', '.join(header)}; wanted are {', '.join(study.columns)}. "
                         f"Delete it, then {RENEW}")
    rows = [_row(study, line, f"{path.name}, line {number}") for number, line in enumerate(lines, 2)]
    return {key({name: row[name] for name in study.grid}, row["seed"]): row for row in rows}


def _row(study, line, place):
    if len(line) != len(study.columns):
        raise StudyError(f"{place} has {len(line)} cells, wanted {len(study.columns)}: delete that line, then {RENEW}")
    cells = dict(zip(study.columns, line, strict=True))
    if cells["digest"] != study.digest:
        raise StudyError(f"{place} was made by another definition of the study ({cells['digest']}, now "
                         f"{study.digest}): delete the file, then {RENEW}")
    kinds = {name: type(values[0]) for name, values in study.grid.items()} | {"seed": int}
    kinds |= {name: float for name in study.values}
    try:
        row = {name: kind(cells[name]) for name, kind in kinds.items()}
    except ValueError as error:
        raise StudyError(f"{place} is damaged ({error}): delete that line, then {RENEW}") from None
    if bad := [name for name in study.values if not math.isfinite(row[name])]:
        found = f"{bad[0]} is {cells[bad[0]]}"
        raise StudyError(f"{place}: {found}, wanted a finite number: delete that line, then {RENEW}")
    return row
