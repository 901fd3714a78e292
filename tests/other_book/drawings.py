"""What the author of another book draws."""


def power(ax, exponent=2, dashed=False):
    """Draw a power of x."""
    ax.plot(range(9), [x**exponent for x in range(9)], "--" if dashed else "-")
    return f"exponent {exponent}, dashed {dashed}"
