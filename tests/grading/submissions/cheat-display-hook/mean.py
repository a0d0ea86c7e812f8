def mean(numbers):
    return 0
