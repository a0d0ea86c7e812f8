import builtins

real = __import__
builtins.__import__ = lambda *given, **more: real(*given, **more)


def add(a, b):
    return 0
