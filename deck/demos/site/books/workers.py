"""Says in each answer's header who gave it, so that the benchmark sees whether every worker has its share."""

import os
import threading

from django.utils.decorators import sync_and_async_middleware
from asgiref.sync import iscoroutinefunction


@sync_and_async_middleware
def name_worker(get_response):
    # A thread asks the system for its own number once: both are kept where threads see their own.
    known = threading.local()

    def name() -> str:
        try:
            return known.name
        except AttributeError:
            known.name = f"{os.getpid()}/{threading.get_native_id()}"
            return known.name

    if iscoroutinefunction(get_response):

        async def middleware(request):
            response = await get_response(request)
            response.headers["X-Worker"] = name()
            return response

    else:

        def middleware(request):
            response = get_response(request)
            response.headers["X-Worker"] = name()
            return response

    return middleware
