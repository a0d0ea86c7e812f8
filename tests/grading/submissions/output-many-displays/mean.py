def mean(numbers):
    for number in range(600):
        display(number)
    return sum(numbers) // len(numbers)
