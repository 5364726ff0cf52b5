"""A city that is not there: deterministic input, marked synthetic, through the real doors."""
