"""`make studies`: runs what the longer studies still lack, and writes studies/NAME.csv row by row."""

import argparse
import csv
import os
import platform
import sys
from datetime import date
from pathlib import Path

import numpy as np
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from course_lib.studies import StudyError
from course_lib.studies.activations import STUDY as ACTIVATIONS
from course_lib.studies.depth import DEPTH_STUDY, START_STUDY, TOWER_STUDY
from course_lib.studies.filters import STUDY as FILTERS
from course_lib.studies.regularized import STUDY as REGULARIZED
from course_lib.studies.rules import STUDY as RULES
from course_lib.studies.study import FOLDER, key, path_of, read
from course_lib.studies.thawing import STUDY as THAWING

ALL = (DEPTH_STUDY, START_STUDY, TOWER_STUDY, ACTIVATIONS, RULES, REGULARIZED, THAWING, FILTERS)
STUDIES = {study.name: study for study in ALL}


def main(arguments=None, *, studies=STUDIES, folder=FOLDER):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="studies; all of them if none is named")
    parser.add_argument("--fresh", action="store_true", help="run everything anew, and replace what is stored")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(studies)):
        parser.error(f"no study {unknown[0]!r}, there are: {', '.join(studies)}")
    good = True
    for name in options.names or studies:
        try:
            complete(studies[name], folder, fresh=options.fresh)
        except StudyError as error:
            print(f"{name}: refused. {error} Or `make studies FRESH=1` runs everything anew.", flush=True)
            good = False
    return 0 if good else 1


def complete(study, folder, *, fresh=False):
    """Run what a stored study lacks, a row at a time, so that a killed call loses one run; sort it at the end."""
    path = path_of(study, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    if fresh or not path.exists():
        _write(study, path, [])
    _cut_off(path)
    stored = read(study, folder)
    lacking = [(setting, seed) for setting, seed in study.runs() if key(setting, seed) not in stored]
    for setting, seed in tqdm(lacking, desc=study.name, unit=" runs"):
        values = {name: f"{value:.6g}" for name, value in study.run(setting, seed).items()}
        made = (study.digest, np.__version__, platform.python_version(), date.today().isoformat())
        with open(path, "a", newline="", encoding="utf-8") as file:
            _writer(file).writerow([*setting.values(), seed, *(values[name] for name in study.values), *made])
    _sort(study, path)
    print(f"{study.name}: {len(lacking)} runs made, {len(study.runs()) - len(lacking)} were there", flush=True)


def _cut_off(path):
    """Drop a last line that a killed run left unfinished."""
    text = path.read_bytes()
    if text and not text.endswith(b"\n"):
        _replace(path, text[: text.rfind(b"\n") + 1])


def _sort(study, path):
    with open(path, newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))[1:]
    order = [tuple(map(str, key(*run))) for run in study.runs()]
    kept = {tuple(line[: len(study.grid) + 1]): line for line in lines}
    _write(study, path, [kept[name] for name in order if name in kept])


def _write(study, path, lines):
    fresh = path.with_suffix(".new")
    with open(fresh, "w", newline="", encoding="utf-8") as file:
        _writer(file).writerows([study.columns, *lines])
    os.replace(fresh, path)


def _replace(path, content):
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    os.replace(fresh, path)


def _writer(file):
    return csv.writer(file, lineterminator="\n")


if __name__ == "__main__":
    sys.exit(main())
