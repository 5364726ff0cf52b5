"""A rendered junction: its homography, trajectories and signals are known, so counts can be."""
