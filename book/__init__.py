"""How the lessons are published: derived sources, Jupyter Book, the theme, the site."""

#: Only a folder with this file in it is ever built: derive.py writes it, lesson_pages.py asks for it.
MARKER = ".derived-by-haike"
#: The folders of the derived sources that hold what lesson authors have written.
PLACES = ("lessons", "plans", "sheets")
