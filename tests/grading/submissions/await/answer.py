import asyncio


def add(a, b):
    return a + b


await asyncio.sleep(0.1)
