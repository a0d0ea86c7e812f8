def add(a, b):
    c = a
  return c + b
