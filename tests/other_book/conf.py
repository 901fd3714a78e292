project = "Another book"
extensions = ["myst_nb", "lossbook.explore.sphinx"]
numfig = True
