"""Claims: they hold or stop the notebook, and are only counted where a run over many seeds asks for that."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from course_lib.claims import QUESTION, Claim, ClaimError, claim
from course_lib.unfinished import record_end, record_stop
from tools import running

ROOT = Path(__file__).parents[1]


@pytest.fixture
def learner(monkeypatch):
    """A function that begins to work as where a learner works, where nothing says that it is tested."""

    def begin():  # in the test itself, for which pytest sets its variable anew
        for name in ("COURSE_TESTED", "PYTEST_CURRENT_TEST", "COURSE_CLAIMS"):
            monkeypatch.delenv(name, raising=False)

    return begin


def test_claim_that_holds_is_shown_with_its_evidence(capsys):
    assert (
        claim("The signal dies out.", True, "ratio 0.01, at most 0.1") is None
    )  # shown once, not as a result too
    assert capsys.readouterr().out == "✓ The signal dies out. (ratio 0.01, at most 0.1)\n"


def test_in_a_notebook_it_is_displayed():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.instance()
    try:
        with capture_output() as captured:
            claim("Here.", True, 1)
        assert [output.data["text/plain"] for output in captured.outputs] == ["✓ Here. (1)"]
        assert "✓ Here." in captured.outputs[0].data["text/html"]
    finally:
        InteractiveShell.clear_instance()


def test_html_is_escaped_and_the_mark_tells_a_claim_that_fails():
    html = Claim("It <dies>.", "1 < 2")._repr_html_()
    assert "✓ It &lt;dies&gt;." in html
    assert "(1 &lt; 2)" in html
    assert "✗ It" in Claim("It", "1", holds=False)._repr_html_()


def test_claim_that_fails_stops_and_says_what_was_measured():
    with pytest.raises(ClaimError, match=r"doesn't hold here: It grows. \(measured: 0.9\)"):
        claim("It grows.", False, 0.9)
    assert issubclass(ClaimError, AssertionError)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (np.bool_(True), True),
        (np.bool_(False), False),
        (np.float64(2) > 1, True),
        (np.nan < 1, False),
        (np.array([1.0, 2.0]).max() < 1, False),
        (np.array(True), True),
    ],
)
def test_conditions_from_numpy(condition, holds, capsys):
    if holds:
        claim("So.", condition, 1)
        assert capsys.readouterr().out == "✓ So. (1)\n"
    else:
        with pytest.raises(ClaimError):
            claim("So.", condition, 1)


class Refuses:
    def __bool__(self):
        raise ArithmeticError("no truth")


@pytest.mark.parametrize("nothing", [np.nan, float("nan"), np.float32("nan"), np.array(np.nan)])
def test_nan_holds_for_nothing(nothing, learner, capsys):
    learner()
    claim("So.", nothing, 1)
    assert capsys.readouterr().out.startswith("✗ So. (1)\n")


UNJUDGED = {"several": (np.array([True, False]), "ndarray: .*ambiguous"), "refuses": (Refuses(), "Refuses: no truth")}


@pytest.mark.parametrize("condition", UNJUDGED)
def test_what_has_no_truth_is_not_judged(condition, learner, capsys):
    learner()
    condition, why = UNJUDGED[condition]
    claim("So.", condition, 1)
    out = capsys.readouterr().out
    assert out.startswith("○ So. (1)\n  Not judged: the condition is no truth value, but of type ")
    assert re.search(why, out)


@pytest.mark.parametrize("condition", UNJUDGED)
@pytest.mark.parametrize("log", [False, True])
def test_where_it_is_tested_what_has_no_truth_raises(condition, log, tmp_path, monkeypatch):
    if log:
        monkeypatch.setenv("COURSE_CLAIMS", str(tmp_path / "claims.jsonl"))
    with pytest.raises(ClaimError, match=f"can't be judged: So. .*{UNJUDGED[condition][1]}"):
        claim("So.", UNJUDGED[condition][0], 1)
    assert not (tmp_path / "claims.jsonl").exists()


def test_for_a_learner_a_claim_that_fails_is_shown_with_a_question(learner, capsys):
    learner()
    claim("It grows.", False, 0.9)
    claim("It falls.", True, 0.9)
    assert capsys.readouterr().out == f"✗ It grows. (0.9)\n  {QUESTION}\n✓ It falls. (0.9)\n"


@pytest.mark.parametrize("name", ["COURSE_TESTED", "PYTEST_CURRENT_TEST"])
def test_either_variable_says_that_it_is_tested(name, learner, monkeypatch):
    learner()
    monkeypatch.setenv(name, "")
    claim("It grows.", False, 0.9)
    monkeypatch.setenv(name, "1")
    with pytest.raises(ClaimError, match="It grows"):
        claim("It grows.", False, 0.9)


def test_no_claim_is_made_while_a_run_that_was_stopped_is_unfinished(learner, monkeypatch, tmp_path, capsys):
    learner()
    record_stop("interrupted after step 37")
    try:
        claim("It falls.", True, 0.9)
        claim("It grows.", False, 0.9)
        why = "Not judged: a training run was stopped (interrupted after step 37). Run it to its end."
        assert capsys.readouterr().out == f"○ It falls. (0.9)\n  {why}\n○ It grows. (0.9)\n  {why}\n"
        for name in ("COURSE_TESTED", "COURSE_CLAIMS"):
            monkeypatch.setenv(name, str(tmp_path / "claims.jsonl"))
            with pytest.raises(ClaimError, match="can't be judged: It falls. .*after step 37"):
                claim("It falls.", True, 0.9)
        assert not (tmp_path / "claims.jsonl").exists()
    finally:
        record_end()
    monkeypatch.delenv("COURSE_CLAIMS")
    claim("It falls.", True, 0.9)


@pytest.mark.parametrize(("holds", "mark", "name"), [
    (True, "✓", "Claim that holds"), (False, "✗", "Claim that doesn't hold here"),
    (None, "○", "Claim that isn't judged"),
])
def test_it_is_said_to_a_screen_reader_and_never_by_colour_alone(holds, mark, name):
    html = Claim("It grows", "0.9", holds, "Why? <b>")._repr_html_()
    assert f'role="note" aria-label="{name}"' in html and f">{mark} It grows <small>" in html
    assert "<em>Why? &lt;b&gt;</em>" in html
    assert "<em>" not in Claim("It grows", "0.9", holds)._repr_html_()
    assert len({Claim("", "", state)._repr_html_().split("4px solid ")[1][:7] for state in (True, False, None)}) == 3


def test_nbval_alone_sees_a_claim_that_fails(tmp_path):
    """Kernels inherit from pytest that they are tested: nobody need set anything."""
    source = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom course_lib.claims import claim\n"
    for text, code in (('claim("It grows.", False, 0.9)', 1), ('claim("It grows.", True, 0.9)', 0)):
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source + text)])
        nbformat.write(nb, tmp_path / "tiny.ipynb")
        names = ("COURSE_TESTED", "PYTEST_CURRENT_TEST", "COURSE_CLAIMS", "PYTEST_ADDOPTS")
        env = {name: value for name, value in os.environ.items() if name not in names}
        command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-q", "-p", "no:cacheprovider"]
        run = subprocess.run([*command, "tiny.ipynb"], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert run.returncode == code, run.stdout
        assert ("ClaimError" in run.stdout) == (code == 1)


@pytest.mark.parametrize("tested", [False, True])
def test_an_executed_notebook_is_tested_unless_it_is_run_as_a_learner_does(tested):
    cells = [nbformat.v4.new_code_cell(source) for source in
             ('from course_lib.claims import claim\nclaim("It grows.", False, 0.9)', "print('goes on')")]
    nb = nbformat.v4.new_notebook(cells=cells)
    more = {} if tested else {"COURSE_TESTED": ""}
    done = running.execute(nb, "tiny", COURSE_CLAIMS="", **more)
    if tested:
        assert done.nb is None and "ClaimError" in done.run.output
    else:
        first, second = done.nb.cells
        assert first.outputs[0]["data"]["text/plain"] == f"✗ It grows. (0.9)\n  {QUESTION}"
        assert second.outputs[0]["text"] == "goes on\n"


def test_with_a_log_every_claim_is_counted_and_none_stops(tmp_path, monkeypatch, capsys):
    log = tmp_path / "claims.jsonl"
    monkeypatch.setenv("COURSE_CLAIMS", str(log))
    claim("It grows – steadily.", np.bool_(True), np.float64(1.5))
    claim("It falls.", False, "0.9")
    assert [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] == [
        {"claim": "It grows – steadily.", "holds": True, "evidence": "1.5"},
        {"claim": "It falls.", "holds": False, "evidence": "0.9"},
    ]
    assert capsys.readouterr().out == f"✓ It grows – steadily. (1.5)\n✗ It falls. (0.9)\n  {QUESTION}\n"
