async def tile(request, **kwargs):
    raise NotImplementedError
