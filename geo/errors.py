"""The one exception for input that is refused; ``ioc.api`` turns it into an answer."""

from typing import Any


class Refused(Exception):
    """Input that cannot be taken, with a code for programs and a sentence for people.

    ``status`` is the HTTP status of the answer; ``details`` are added to it as they are.
    """

    def __init__(self, code: str, message: Any, status: int = 400, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status
        self.details = details

    def __str__(self) -> str:
        return f"{self.message}"
