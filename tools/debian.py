"""Installs Debian's packages where there is apt-get and the right to use it: what pip can't bring."""

import os
import shutil
import subprocess
import sys


def install(packages, purpose):
    """Install packages by apt-get; do nothing where there is no apt-get or no right to use it.

    Parameters
    ----------
    packages : sequence of str
        Their names; the first one is named in the message.
    purpose : str
        What they are for, which the message ends with.
    """
    if not shutil.which("apt-get"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and (not shutil.which("sudo") or subprocess.run([*sudo, "true"], capture_output=True).returncode):
        return
    print(f"Installing Debian's {packages[0]} for {purpose}", file=sys.stderr, flush=True)
    try:
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            subprocess.run([*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", *command],
                           check=True, stdout=sys.stderr)
    except subprocess.CalledProcessError as error:
        print(f"apt-get failed ({error}); its reason is above.", file=sys.stderr)
