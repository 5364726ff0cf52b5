"""A GeoPackage of a file of Arrow's, written by GDAL in a process of its own.

GDAL and the libraries that come with it take 75 MB, which a web process would keep for good.
Started with the paths, the layer's name and the kind of its geometry; imports nothing of ours.
"""

import sys


def write(rows: str, path: str, layer: str, kind: str) -> None:
    """The rows in one go, so that the spatial index is made once, at the end. EPSG:4326."""
    import pyarrow as pa
    import pyogrio

    with pa.OSFile(rows) as file, pa.ipc.open_stream(file) as reader:
        pyogrio.write_arrow(
            reader, path, layer=layer, driver="GPKG", geometry_name="geometry",
            geometry_type=kind, crs="EPSG:4326", layer_options={"FID": "fid"},
        )  # fmt: skip


if __name__ == "__main__":
    write(*sys.argv[1:])
