"""Takes the pictures of the grading's pages for README and docs: of a simulated class, really graded."""

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from playwright.sync_api import sync_playwright

from tools.ensure_browser import find_browser
from tools.simulate import simulate

DOCS = Path(__file__).resolve().parents[1] / "docs"
STUDENTS, SEED = 40, 5


def course(folder, *arguments):
    """Run a command of the course in a folder; exit codes 0 and 3 are both fine."""
    done = subprocess.run([sys.executable, "-m", "course_lib", *map(str, arguments)], cwd=folder)
    if done.returncode not in (0, 3):
        sys.exit(done.returncode)


def pictures(grades, student):
    """Photograph the statistics page's notebook and a student's feedback page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--disable-gpu", "--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 1500})
        page.goto((grades / "statistics.html").as_uri())
        top = page.locator("h2", has_text="Vanishing").bounding_box()["y"] - 40
        clip = {"x": 0, "y": top, "width": 1000, "height": 1400}
        page.screenshot(path=DOCS / "grading-statistics.png", clip=clip, full_page=True)
        page.set_viewport_size({"width": 1000, "height": 600})
        page.goto(next((grades / "feedback").glob(f"{student}*.html")).as_uri())
        page.screenshot(path=DOCS / "grading-feedback.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        truth = simulate(STUDENTS, folder / "class", seed=SEED)
        course(folder, "grade", "class", "--seed", SEED, "--no-progress")
        course(folder, "report", "grades")
        mixed = [name for name, found in truth.items() if {"passed", "failed"} <= set(found.values())]
        pictures(folder / "grades", min(name for name in mixed if name.replace(" ", "").isalpha()))
