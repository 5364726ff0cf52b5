"""What is wrong with a call, in words."""


class Fault(Exception):
    """Answered as `{code, type, message}` with this status."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code or "bad-request"
