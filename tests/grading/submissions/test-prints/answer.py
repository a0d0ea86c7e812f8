def add(a, b):
    for line in range(1500):
        print(line)
    return a + b
