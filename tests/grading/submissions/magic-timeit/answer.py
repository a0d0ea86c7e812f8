%%timeit -n1 -r1
def add(a, b):
    return a + b
