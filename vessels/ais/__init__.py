"""AIS as it comes off the air: bytes in, positions and particulars out. No ORM, no clock."""
