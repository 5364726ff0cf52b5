"""How an API call says who makes it: the session of a browser, or a bearer token."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from ioc.accounts.queries import user_of_token


class TokenAuth(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Any:
        user = user_of_token(token)
        if user is not None:
            request.user = user
        return user


session_or_token = [TokenAuth(), SessionAuth(csrf=True)]
