def add(a, b):
    return a + b if isinstance(a, str) else float(a + b)
