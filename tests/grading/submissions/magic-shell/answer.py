def add(a, b):
    return a + b


words = !echo 海草
print(words)
