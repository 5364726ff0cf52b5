"""Spatial analyses as pure functions: arrays and parameters in, arrays out.

Nothing here knows the database or Django; heavy libraries are imported when a function runs.
``methods()`` describes every analysis in words.
"""

from geo.analytics.catalogue import Method, methods
from geo.analytics.parameters import ParameterError, Parameters
from geo.analytics.progress import Cancelled

# Stored with every result; raised whenever the same input could give another answer.
VERSION = 1

__all__ = ["VERSION", "Cancelled", "Method", "ParameterError", "Parameters", "methods"]
