async def stream(request, **kwargs):
    raise NotImplementedError
