def add(a, b):
    return a + b


for line in range(1500):
    print(line)
