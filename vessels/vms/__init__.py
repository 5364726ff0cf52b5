"""VMS in: what providers send of fishing vessels, as CSV, JSON rows or NAF."""

from vessels.vms.taking import Stored, store, take

__all__ = ["Stored", "store", "take"]
