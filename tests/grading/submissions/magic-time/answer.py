def add(a, b):
    return a + b


%time add(1, 2)
