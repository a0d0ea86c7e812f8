from colorsys import add
