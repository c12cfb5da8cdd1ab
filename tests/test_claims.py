"""Claims: they hold or stop the notebook, and are only counted where a run over many seeds asks for that."""

import json

import numpy as np
import pytest

from course_lib.claims import Claim, ClaimError, claim


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


def test_condition_of_several_numbers_is_an_error_and_no_claim():
    with pytest.raises(ValueError, match="ambiguous"):
        claim("So.", np.array([True, False]), 1)


def test_with_a_log_every_claim_is_counted_and_none_stops(tmp_path, monkeypatch, capsys):
    log = tmp_path / "claims.jsonl"
    monkeypatch.setenv("COURSE_CLAIMS", str(log))
    claim("It grows – steadily.", np.bool_(True), np.float64(1.5))
    claim("It falls.", False, "0.9")
    assert [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] == [
        {"claim": "It grows – steadily.", "holds": True, "evidence": "1.5"},
        {"claim": "It falls.", "holds": False, "evidence": "0.9"},
    ]
    assert capsys.readouterr().out == "✓ It grows – steadily. (1.5)\n✗ It falls. (0.9)\n"
