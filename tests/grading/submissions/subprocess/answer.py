import subprocess
import sys


def add(a, b):
    return a + b


print(subprocess.run([sys.executable, '-c', 'print(1)'], capture_output=True, text=True).stdout)
