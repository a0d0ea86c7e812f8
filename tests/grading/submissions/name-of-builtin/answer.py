def add(a, b):
    return a + b


len = 3
