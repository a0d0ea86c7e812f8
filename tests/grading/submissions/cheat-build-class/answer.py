import builtins

real = __build_class__
builtins.__build_class__ = lambda *given, **more: real(*given, **more)


def add(a, b):
    return 0
