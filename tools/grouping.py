"""Sorts wrong answers by their results, as the judge tells results apart, and says which hint each group gets."""

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from course_lib.exercises.judge.recognising import is_empty, same
from course_lib.exercises.judge.verdicts import Raised, Run, Verdict, given_by, results, verdict


@dataclass
class Group:
    """Answers that give the same results: the mutants, and what the corpus says of its own."""

    run: Run
    verdict: Verdict
    mutants: list = field(default_factory=list)
    answers: list = field(default_factory=list)

    @property
    def rank(self):
        """What it is sorted by: no hint first, then what people wrote, what Python says nothing of, what is common."""
        return bool(self.verdict.hint), not self.answers, self.verdict.status != "failed", -len(self.mutants)


class Judged:
    """Sorts runs into groups; what is right, or raises whatever the case, is counted only."""

    def __init__(self, exercise):
        self.exercise, self.unnamed = exercise, replace(exercise, mistakes=())
        self.cases = list(exercise.cases(np.random.default_rng(0)))
        self.wanted = results(exercise, self.cases)
        self.mistaken = cache(lambda mistake, i: given_by(mistake.function, exercise, self.cases[i]))
        self.usable = [i for i, case in enumerate(self.cases) if not is_empty(case, self.wanted[i])]
        self.groups, self.passed, self.broken = [], 0, 0

    def add(self, mutant, run):
        """Take a mutant in."""
        group = self.group_of(run)
        if group:
            group.mutants.append(mutant)
            if len(group.mutants) == 1:
                self.groups.append(group)
        elif self.is_broken(run):
            self.broken += 1
        else:
            self.passed += 1

    def passes(self, run):
        """Say whether a run is right."""
        return self._fault(run).status == "passed"

    def is_broken(self, run):
        """Say whether an answer doesn't even run: what Python says of it is explanation enough."""
        if run.stopped:
            return run.stopped != "MemoryError"
        own = [i for i in self.usable if not isinstance(self.wanted[i], Raised)]
        return not run.end and all(isinstance(run.got[i], Raised) for i in own)

    def group_of(self, run):
        """Return the group that a wrong run belongs to, a new one without mutants if it is the first; else None."""
        fault = self._fault(run)
        if fault.status == "passed" or self.is_broken(run):
            return None
        for group in self.groups:
            # the comparison overlooks dtypes, which alone may be what is wrong: then other cases are
            if group.verdict.faults.keys() == fault.faults.keys() and self._alike(group.run, run):
                return group
        return Group(run, verdict(self.exercise, self.cases, self.wanted, run, self.mistaken))

    def _fault(self, run):
        with np.errstate(all="ignore"):  # memory that an answer forgot to fill may hold anything
            return verdict(self.unnamed, self.cases, self.wanted, run)

    def _alike(self, run, other):
        if run.end or other.end or run.stopped or other.stopped:
            return (run.end, run.stopped) == (other.end, other.stopped)
        return all(run.altered[i] == other.altered[i] and same(self.exercise, run.got[i], other.got[i])
                   for i in self.usable)
