import sys


def add(a, b):
    return a + b


print('好了', file=sys.stderr)
