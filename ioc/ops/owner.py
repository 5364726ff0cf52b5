"""Who runs the database: PostgreSQL refuses root, so root lends it to an unprivileged user."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ioc.ops.errors import Stop


@dataclass(frozen=True)
class Owner:
    """A user that programs run as; ``switch`` is what subprocess needs to become that user."""

    uid: int
    gid: int
    switch: dict[str, Any]

    @classmethod
    def of_database(cls) -> "Owner":
        """Ourselves, or for root the packaged ``postgres`` user or ``nobody``."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), {})
        for name in ("postgres", "nobody"):
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
            switch = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            return cls(user.pw_uid, user.pw_gid, switch)
        raise Stop("As root the database needs a user of its own. Run: useradd --system postgres")

    def may_enter(self, folder: Path) -> bool:
        """Whether this user reaches the folder, every parent of it included."""
        test = ["test", "-x", str(folder)]
        return subprocess.run(test, cwd="/", check=False, **self.switch).returncode == 0

    def own_folder(self, folder: Path) -> Path:
        """The folder, made if need be, that this user alone enters."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)
        return folder
