def mean(numbers):
    return total(numbers) / builtins.len(numbers)
