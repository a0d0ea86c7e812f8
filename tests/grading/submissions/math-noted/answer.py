def add(a, b):
    return a + b


math.golden = 1.618
