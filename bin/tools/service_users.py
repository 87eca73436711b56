"""The users that servers run as, where they refuse to run as root, and the folders they keep."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path


def as_user(user: str, command: list[str]) -> list[str]:
    """The command as `user` when we are root, who alone can change; else as it is."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *command]


def data_folder(home: Path, name: str, user: str) -> Path:
    """Under `home`, or a temporary folder when the user cannot reach that."""
    folder = home / name
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return folder
    shutil.chown(folder, user, user)
    test = as_user(user, ["test", "-w", str(folder)])
    if subprocess.run(test, cwd="/", check=False).returncode == 0:
        return folder
    folder = Path(tempfile.mkdtemp(prefix=f"galley-{name}-"))
    shutil.chown(folder, user, user)
    return folder
