import os


def add(a, b):
    return a + b


if os.fork() == 0:
    os._exit(0)
os.wait()
