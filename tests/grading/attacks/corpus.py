"""All attacks, by the module they stand in."""

from tests.grading.attacks import (
    NOTEBOOK,
    answers,
    company,
    ending,
    endless,
    files,
    forging,
    leaving,
    patching,
    peeking,
    ready_made,
    resources,
    results,
    unusual,
)

MODULES = (endless, ending, resources, results, patching, forging, peeking, ready_made, leaving, company, files,
           answers, unusual)
ATTACKS = {f"{module.__name__.rsplit('.')[-1]}: {attack.name.removeprefix('file: ')}": attack
           for module in MODULES for attack in module.ATTACKS}


def hostile(notebook=NOTEBOOK):
    """Return the attacks of which a simulated class takes some: those on one answer that run code."""
    modules = (endless, ending, resources, patching, forging)
    if notebook == NOTEBOOK:
        return [attack for module in modules for attack in module.ATTACKS]
    raise ValueError(f"there are attacks on {NOTEBOOK} only, not on {notebook!r}")
