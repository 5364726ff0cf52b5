"""The environment that parts and Django commands are started with."""

import os
import secrets

from ioc.ops.paths import ROOT, VAR, private_text


def secret_key() -> str:
    """The installation's own key, made once."""
    path = VAR / "secret-key"
    if not path.exists():
        private_text(path, secrets.token_urlsafe(48))
    return path.read_text()


def environment(database_url: str) -> dict[str, str]:
    """What the caller's environment leaves open, filled in for this installation."""
    defaults = {
        "DJANGO_SETTINGS_MODULE": "ioc.settings",
        "IOC_SECRET_KEY": secret_key(),
        "IOC_VAR": str(VAR),
        "IOC_AIS_UDP": "127.0.0.1:10110",
        "PYTHONUNBUFFERED": "1",
    }
    path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = os.pathsep.join(dict.fromkeys([str(ROOT), *filter(None, path)]))
    return {**defaults, **os.environ, "DATABASE_URL": database_url, "PYTHONPATH": paths}
