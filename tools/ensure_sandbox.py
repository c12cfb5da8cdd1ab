"""Finds bubblewrap, in which answers are graded, and prints its path; installs Debian's where it can."""

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.debian import install

ADVICE = ("bubblewrap was not found, in which `course grade` runs answers: install it (Debian, Ubuntu and Fedora call "
          "the package bubblewrap, its command is bwrap), then call this again.")
NOT_LINUX = ("bubblewrap, in which `course grade` runs answers, is for Linux only: grade on a Linux machine, in "
             "WSL or in a Linux container. Everything else works here.")


def ensure():
    """Return bubblewrap's path, or None where there is none and none could be installed."""
    if not shutil.which("bwrap"):
        install(["bubblewrap"], "the sandbox of the grading")
    return shutil.which("bwrap")


if __name__ == "__main__":
    if not sys.platform.startswith("linux"):
        print(NOT_LINUX)
    else:
        sys.exit(ADVICE) if not ensure() else print(ensure())
