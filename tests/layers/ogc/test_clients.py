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
from tests.layers.conftest import make_place

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address(transactional_db, settings, layer, hidden_layer):
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    for n in range(12):
        make_place(107.6, 16.45, n, rank=n)
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
address, box = sys.argv[1], json.loads(sys.argv[2])
frame = pyogrio.read_dataframe("OAPIF:" + address, layer="test-places", bbox=box and tuple(box))
crs = frame.crs.name[:6] if len(frame) else ""
kinds = sorted(set(frame.kind)) if len(frame) else []
print(json.dumps({"rows": len(frame), "crs": crs, "kinds": kinds}))
"""


def read_by_gdal(address, bbox=None):
    """In a process of its own: GDAL waits for the answer and lets no thread of this one run."""
    asked = [sys.executable, "-c", READ, address, json.dumps(bbox)]
    env = os.environ | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, env=env)
    assert done.returncode == 0, done.stderr[-600:]
    return json.loads(done.stdout)


def test_gdal_and_owslib_read_it(address):
    from owslib.ogcapi.features import Features

    service = Features(f"{address}/")
    assert "test-places" in service.feature_collections()
    assert "test-hidden" not in service.feature_collections()
    assert len(service.collection_items("test-places", limit=5)["features"]) == 5
    assert len(service.collection_items("test-places", filter="rank < 8")["features"]) == 8
    assert "kind" in service.collection_queryables("test-places")["properties"]

    frame = read_by_gdal(address)
    assert frame == {"rows": 12, "crs": "WGS 84", "kinds": ["a"]}
    assert read_by_gdal(address, bbox=(0, 0, 1, 1))["rows"] == 0

    user = User.objects.create_user("officer", role="fisheries_officer")
    ApiToken.objects.create(user=user, name="qgis", hash=digest("key"), hint="key")
    known = Features(f"{address}/", headers={"Authorization": "Bearer key"})
    assert known.collection_items("test-hidden")["numberReturned"] == 10
