import time


def add(a, b):
    end = time.time() + 120
    while time.time() < end:
        pass
