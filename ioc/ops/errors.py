class Stop(Exception):
    """What happened and what to do, in one line for the person at the terminal."""
