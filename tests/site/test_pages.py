"""What the templates ask for, and what stands beside the pages."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document
from sphinx.errors import ThemeError

from lossbook.site import pages
from lossbook.site.pages import site_address


def page(*paragraphs):
    section = nodes.section("", nodes.title("", "A title"))
    section += paragraphs
    document = new_document("page")
    document += section
    return document


def describe(tree):
    context = {}
    pages.describe(None, "page", "page.html", context, tree)
    return context["description"]


def paragraph(*parts):
    return nodes.paragraph("", "", *[nodes.Text(p) if isinstance(p, str) else p for p in parts])


def test_description_is_the_first_paragraph():
    first = paragraph("Losses\nand ", nodes.strong("", "gradients"), ".")
    assert describe(page(first, paragraph("More."))) == "Losses and gradients."


def test_description_is_not_taken_out_of_a_box():
    box = nodes.note("", paragraph("Careful."))
    assert describe(page(box, paragraph("The text."))) == "The text."


def test_long_description_ends_at_a_word():
    found = describe(page(paragraph("gradients " * 40)))
    assert len(found) <= 170
    assert found.endswith("gradients …")


def test_page_without_text_has_no_description_of_its_own():
    assert describe(page()) == describe(None) == ""


@pytest.mark.parametrize(
    ("configured", "environment", "address"),
    [
        ("", "", ""),
        ("https://a.org/b", "", "https://a.org/b/"),
        ("", "https://c.org", "https://c.org/"),
        ("https://a.org/", "https://c.org", "https://a.org/"),
    ],
)
def test_address_comes_from_configuration_or_environment(
    monkeypatch, configured, environment, address
):
    monkeypatch.setenv("SITE_URL", environment)
    assert site_address(SimpleNamespace(html_baseurl=configured)) == address


@pytest.mark.parametrize("wrong", ["example.org", "ftp://example.org", "/book"])
def test_address_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match="allowed: http"):
        site_address(SimpleNamespace(html_baseurl=wrong))


def test_template_of_the_theme_that_has_changed_stops_the_build_with_its_name(monkeypatch):
    name = "sphinx_book_theme/layout.html"
    loader = SimpleNamespace(get_source=lambda _environment, _name: ("{# another #}", None, None))
    environment = SimpleNamespace(loader=loader)
    templates = SimpleNamespace(environment=environment)
    app = SimpleNamespace(builder=SimpleNamespace(format="html", templates=templates))
    monkeypatch.setattr(pages, "TAKEN_OVER", {name: pages.TAKEN_OVER[name]})
    with pytest.raises(ThemeError, match=name):
        pages.check_templates(app)
