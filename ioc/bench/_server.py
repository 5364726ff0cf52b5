"""The product's web application with the benchmark's layer in its catalogue."""

from ioc.asgi import application
from ioc.bench import _places

_places.layer()
__all__ = ["application"]
