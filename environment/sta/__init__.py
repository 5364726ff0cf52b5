"""OGC SensorThings 1.1 over the stations: a Thing is a station, a Datastream one of its series."""
