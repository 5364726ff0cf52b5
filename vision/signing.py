"""A request signed in where a camera asks for it: HTTP Digest before Basic, RFC 7616 and 7617."""

from __future__ import annotations

import httpx

from vision.addresses import login_parts


def sent(
    client: httpx.Client, request: httpx.Request, login: str, *, basic: bool = True
) -> httpx.Response:
    """The response, its body not yet read: a camera's refusal can be as long as it likes.

    `login` is `user:password` as `addresses.login_of` writes it. Without `basic` the password
    itself is never sent. Raises httpx.HTTPError, also for a challenge that cannot be followed.
    """
    response = client.send(request, stream=True)
    if response.status_code != 401 or not login:
        return response
    asked = {
        header.partition(" ")[0].lower() for header in response.headers.get_list("www-authenticate")
    }
    auth: httpx.Auth
    if "digest" in asked:
        auth = httpx.DigestAuth(*login_parts(login))
    elif "basic" in asked and basic:
        auth = httpx.BasicAuth(*login_parts(login))
    else:
        return response
    response.close()
    flow = auth.auth_flow(request)
    again = next(flow)
    if "digest" in asked:
        try:
            again = flow.send(response)
        except (KeyError, ValueError, NotImplementedError) as unknown:
            raise httpx.ProtocolError("unknown kind of digest", request=request) from unknown
    return client.send(again, stream=True)
