"""Reports for other software: Open311 GeoReport v2, in XML and JSON, of public knowledge alone.

Source: http://wiki.open311.org/GeoReport_v2
"""
