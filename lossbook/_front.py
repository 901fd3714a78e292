"""Which front a figure gets; a module of its own, since it needs nothing that draws."""

FRONT_VARIABLE = "LOSSBOOK_FRONT"
"""The environment variable that picks the front: ``live`` (the default) or ``static``."""
