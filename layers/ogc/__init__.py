"""OGC API – Features: every layer as a collection, for QGIS, GDAL and any other client.

Core, GeoJSON, OpenAPI 3.0 (Part 1), CRS (Part 2), queryables and CQL2 filters (Part 3).
"""
