def add(a, b):
    return a + int(input())
