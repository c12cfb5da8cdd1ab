"""Finds a Chromium or Chrome for the browser tests and prints its path; installs Debian's where it can."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

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


def install_on_debian():
    """Install Debian's package chromium; do nothing where there is no apt-get or no right to use it."""
    if not shutil.which("apt-get"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and (not shutil.which("sudo") or subprocess.run([*sudo, "true"], capture_output=True).returncode):
        return
    print("Installing Debian's chromium for the browser tests", file=sys.stderr, flush=True)
    install = ["install", "--yes", "--no-install-recommends", "chromium", "fonts-liberation"]
    for command in (["update"], install):
        subprocess.run([*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", *command],
                       check=True, stdout=sys.stderr)


if __name__ == "__main__":
    try:
        if not find_browser():
            install_on_debian()
    except subprocess.CalledProcessError as error:
        print(f"apt-get failed ({error}); its reason is above.", file=sys.stderr)
    sys.exit(ADVICE) if not find_browser() else print(find_browser())
