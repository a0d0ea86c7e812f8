from helper import add
