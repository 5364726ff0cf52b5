"""GDAL and OWSLib read the interface over a real socket, through the pool and the lean handler."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time

import pytest
import uvicorn

from ioc.accounts.models import ApiToken, User, digest
from ioc.asgi import application
from layers.pool import close
from tests.reports.factories import make_city, make_report
from tests.vision.factories import make_camera

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address(transactional_db, settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    make_city()
    for _ in range(12):
        make_report(lon=107.6, lat=16.45)
    make_camera()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    class Server(uvicorn.Server):
        async def shutdown(self, sockets=None):
            await close()
            await super().shutdown(sockets)

    config = uvicorn.Config(
        application, port=port, log_level="error", loop="asyncio", lifespan="off"
    )
    server = Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/ogc"
    server.should_exit = True
    thread.join()


READ = """
import json, sys, pyogrio
frame = pyogrio.read_dataframe("OAPIF:" + sys.argv[1], layer="reports", **json.loads(sys.argv[2]))
crs = frame.crs.name[:6] if len(frame) else ""
states = sorted(set(frame.state)) if len(frame) else []
print(json.dumps({"rows": len(frame), "crs": crs, "states": states}))
"""


def read_by_gdal(address, **how):
    """In a process of its own: GDAL waits for the answer and lets no thread of this one run."""
    asked = [sys.executable, "-c", READ, address, json.dumps(how)]
    env = os.environ | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True, env=env)
    return json.loads(done.stdout)


def test_gdal_and_owslib_read_it(address):
    from owslib.ogcapi.features import Features

    service = Features(f"{address}/")
    assert "reports" in service.feature_collections()
    assert "cameras" not in service.feature_collections()
    assert len(service.collection_items("reports", limit=5)["features"]) == 5
    assert len(service.collection_items("reports", filter="me_too = 0")["features"]) == 10
    assert "state" in service.collection_queryables("reports")["properties"]

    frame = read_by_gdal(address)
    assert frame == {"rows": 12, "crs": "WGS 84", "states": ["submitted"]}
    assert read_by_gdal(address, bbox=(0, 0, 1, 1))["rows"] == 0

    user = User.objects.create_user("planner", role="planner")
    ApiToken.objects.create(user=user, name="qgis", hash=digest("key"), hint="key")
    known = Features(f"{address}/", headers={"Authorization": "Bearer key"})
    assert known.collection_items("cameras")["numberMatched"] == 1
