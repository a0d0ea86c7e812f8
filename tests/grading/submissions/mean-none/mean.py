def mean(numbers):
    sum(numbers) / len(numbers)
