numbers = [1, 2, 3, 4, 5]

# region sum
def total(numbers):
    result = 0
    for number in numbers:
        result += number
    return result
# endregion

print(total(numbers))
