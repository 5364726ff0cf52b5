"""Spatial questions over any layer: a small typed expression that becomes one bounded SQL query.

``reading`` makes it from JSON and ``cql2`` from CQL2, both checked against what the asker sees of
the layer; ``compiling`` turns it into a condition over the layer's own rows; ``costs`` estimates
and runs it; ``words`` says it as a sentence. No part of a question is ever pasted into SQL.
"""
