from tests.layers.questions.door import one_connection

__all__ = ["one_connection"]
