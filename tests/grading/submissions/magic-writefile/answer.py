from adding import add
