"""Finds a Chromium or Chrome for the browser tests and prints its path; installs Debian's where it can."""

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.debian import install

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = ("Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium")
WINDOWS = ("Google/Chrome/Application/chrome.exe", "Chromium/Application/chrome.exe")
ADVICE = "No Chromium or Chrome was found, which the browser tests need: install one, then call this again."


def find_browser():
    """Return the path of a Chromium or Chrome, or None if there is none in the usual places."""
    folders = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    places = [Path(root) / app for root in ("/Applications", Path.home() / "Applications") for app in MAC]
    places += [Path(folder) / app for folder in folders if folder for app in WINDOWS]
    commands = filter(None, map(shutil.which, COMMANDS))
    return next(commands, None) or next((str(place) for place in places if place.is_file()), None)


if __name__ == "__main__":
    if not find_browser():
        install(["chromium", "fonts-liberation"], "the browser tests")
    sys.exit(ADVICE) if not find_browser() else print(find_browser())
