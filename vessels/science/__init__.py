"""What tracks say: pure arrays in, events out. No ORM; thresholds are arguments with a source."""
