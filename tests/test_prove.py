"""`make prove` on the small course: only what is lacking is run, only what is well and committed is written down."""

import json

import pytest

from course_lib.delivery import building
from tests.notebook_running import NAME, SOURCE, find, small_course
from tools import evidence, prove

CLAIMING = """
# %%
import json
with open(os.environ["COURSE_CLAIMS"], "a") as log:
    for text in ("the answer is 42", "twice two is four"):
        holds = [6 * 7 == 42, globals().get("two", 2) == 2][text.startswith("twice")]
        log.write(json.dumps({"claim": text, "holds": holds, "evidence": "42"}) + chr(10))
"""
FAULTS = {NAME: {"three for two": "two = 3"}}


def git(root, *arguments):
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    found = evidence.git(*who, *arguments, root=root)
    assert found is not None
    return found


def commit(root):
    git(root, "add", "-A")
    git(root, "commit", "-qm", "as it is")


def prove_it(root, *arguments, faults=FAULTS):
    return prove.main(list(arguments), root=root, find=find, faults=faults)


def rewrite(root, old, new):
    path = root / "sources" / f"{NAME}.py"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    commit(root)


@pytest.fixture(scope="module")
def proved(tmp_path_factory):
    """The small course as a repository, after `make prove`."""
    source = SOURCE.replace("\n# %% [markdown] tags", CLAIMING + "\n# %% [markdown] tags")
    root = small_course(tmp_path_factory.mktemp("course"), source)
    git(root, "init", "-q")
    commit(root)
    assert prove_it(root) == 0
    return root


@pytest.fixture
def course(proved, tmp_path):
    """A clone of it for every test."""
    commit(proved) if git(proved, "status", "--porcelain") else None
    git(tmp_path, "clone", "-q", str(proved), str(tmp_path / "clone"))
    return tmp_path / "clone"


def entries(root):
    return evidence.stored(evidence.path_of(NAME, root))


def test_every_job_is_stored_with_all_that_made_it(proved):
    found = entries(proved)
    assert set(found) == {"blank", "solved", "fault: three for two"}
    assert [claim["holds"] for claim in found["solved"]["claims"]] == [True, True]
    assert [claim["holds"] for claim in found["fault: three for two"]["claims"]] == [True, False]
    commits = git(proved, "log", "--format=%H").split()
    for entry in found.values():
        assert entry["made"]["commit"] in commits and "Python" in entry["made"]["machine"]
        assert set(entry["key"]) == {"cells", "lock", "python", "files"} and 30 < entry["megabytes"] < 1000
    assert building.stored_outputs(NAME, proved)["key"] == found["blank"]["key"]
    assert "six times seven is 42" in (proved / "notebooks" / f"{NAME}.ipynb").read_text(encoding="utf-8")


def test_what_is_proved_is_not_run_again(course, capsys):
    before = entries(course)
    assert prove_it(course) == prove_it(course, "--dry-run") == 0
    assert "not proved" not in capsys.readouterr().out
    assert entries(course) == before


def test_only_what_changed_is_run(course, capsys):
    faults = {NAME: {"three for two": "two = 3.0"}}
    assert prove_it(course, "--dry-run", faults=faults) == 1
    assert prove_it(course, faults=faults) == 0
    out = capsys.readouterr().out
    assert "not proved: 01_small, fault: three for two: its cells\n" in out
    assert "01_small, blank: " not in out and "01_small, solved: " not in out
    assert prove_it(course, "--dry-run", faults={}) == 1
    assert "there is no such job any more" in capsys.readouterr().out
    assert prove_it(course, faults={}) == 0 and set(entries(course)) == {"blank", "solved"}


def test_a_dirty_tree_is_refused_and_what_prove_writes_makes_none(course, capsys):
    (course / "sources/02_new.txt").write_text("not committed")
    assert prove_it(course, "--all") == 1
    assert "refused. sources/02_new.txt isn't committed" in capsys.readouterr().out
    (course / "sources/02_new.txt").unlink()
    evidence.path_of(NAME, course).unlink()  # as after a run that was broken off
    assert prove_it(course) == 0


def test_no_repository_is_refused(tmp_path, capsys):
    root = small_course(tmp_path / "course")
    assert prove_it(root) == 1
    assert "is no git checkout" in capsys.readouterr().out


def test_what_is_not_well_is_not_written_down(course, capsys):
    before = entries(course)
    rewrite(course, "6 * 7 == 42", "6 * 7 == 43")
    faults = {NAME: {"nothing wrong": "pass", "an error": "1 / 0"}}
    assert prove_it(course, faults=faults) == 1
    out = capsys.readouterr().out
    assert "01_small, blank: not proved. these claims fail: the answer is 42" in out
    assert "01_small, fault: an error: not proved. " in out and "ZeroDivisionError" in out
    kept = entries(course)
    assert all(kept[form] == before[form] for form in building.FORMS)
    rewrite(course, "6 * 7 == 43", "6 * 7 == 42")
    assert prove_it(course, faults=faults) == 1
    assert "01_small, fault: nothing wrong: not proved. no claim fails" in capsys.readouterr().out
    assert set(evidence.outdated(NAME, faults[NAME], course, find)) >= {"fault: nothing wrong", "fault: an error"}


def test_forms_that_print_other_texts_are_refused(course, capsys):
    rewrite(course, 'print("six times seven is", 6 * 7)', "print('NotImplementedError' in double.__code__.co_names)")
    before = building.outputs_path(NAME, course).read_bytes()
    assert prove_it(course) == 1
    assert "in the solved one: round it, or take the tag away" in capsys.readouterr().out
    assert building.outputs_path(NAME, course).read_bytes() == before


def test_unknown_names_are_refused(course, capsys):
    with pytest.raises(SystemExit):
        prove_it(course, "02_large")
    assert "no notebook '02_large', there are: 01_small" in capsys.readouterr().err


def test_evidence_is_text_that_stays_the_same(proved):
    text = evidence.path_of(NAME, proved).read_text(encoding="utf-8")
    evidence.store(evidence.path_of(NAME, proved), json.loads(text))
    assert evidence.path_of(NAME, proved).read_text(encoding="utf-8") == text
