"""Terrain and water on it: pure arrays in and out, no database. Kernels are compiled by numba."""
