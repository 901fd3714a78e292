"""The draw functions of the book's interactive figures, one module per chapter.

Each function draws one position of its figure and returns the caption: one sentence with
the numbers of that position. Show it with :func:`lossbook.explore.explore`.
"""
