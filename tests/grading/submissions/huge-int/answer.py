def add(a, b):
    return a + b


print(10**5000)
