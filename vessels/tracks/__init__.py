"""Tracks by local day, and the hours of effort along them: built from positions, kept by a task."""
