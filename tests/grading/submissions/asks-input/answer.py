n = int(input('几？'))


def add(a, b):
    return a + b
