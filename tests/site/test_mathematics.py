"""Formulas, typeset while the site is built."""

import pytest

from lossbook.site.mathematics import typeset


def test_formula_is_typeset_for_eyes_and_for_screen_readers():
    text = typeset(r"\ell(y, \hat y)", display=True)
    assert "katex-display" in text
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">' in text
    assert 'class="katex-html" aria-hidden="true"' in text


@pytest.mark.parametrize("tex", [r"\nonsense", "{", r"a \\ b & c &", r"\frac{1}"])
def test_formula_that_does_not_parse_is_an_error_with_its_tex(tex):
    with pytest.raises(ValueError, match="is no formula that KaTeX reads: KaTeX parse error"):
        typeset(tex)


def test_name_as_a_subscript_is_one_element_of_mathml():
    assert "<msub><mi>λ</mi><mi>max</mi></msub>" in typeset(r"\lambda_{\max}")
