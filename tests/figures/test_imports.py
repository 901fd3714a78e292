"""The data and the numbers of the figures, where there is nothing to draw with."""

import subprocess
import sys

# In a process of its own: this one has Matplotlib.
SCRIPT = """
import importlib, pkgutil, sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("matplotlib", "ipywidgets", "IPython", "sphinx"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Nowhere())
import lossbook.exercises, lossbook.figures
for module in pkgutil.iter_modules(lossbook.figures.__path__, "lossbook.figures."):
    importlib.import_module(module.name)
    print(module.name)
from lossbook.figures.regression import DISTANCE
print(len(DISTANCE))
"""


def test_every_figure_module_imports_without_matplotlib_and_ipywidgets():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    *modules, points = done.stdout.split()
    assert "lossbook.figures.style" in modules
    assert points == "10"
