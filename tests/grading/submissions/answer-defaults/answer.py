def add(a, b=1, *more, note=''):
    return a + b
