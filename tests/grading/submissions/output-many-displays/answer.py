for number in range(1_200):
    display(f"第 {number} 样")


def add(a, b):
    return a + b
