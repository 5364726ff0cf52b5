"""Values in from a broker's topics, and every new public value out to it."""
