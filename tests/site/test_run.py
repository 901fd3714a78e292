"""What runs a cell in the page, here without the page: what it sends, and in which order."""

import builtins
import importlib.util
import re
import sys

import pytest

from lossbook.site.live import ASSETS


@pytest.fixture(scope="module")
def page():
    spec = importlib.util.spec_from_file_location("page", ASSETS / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(page, monkeypatch):
    """Run cells of one session, and return how they ended and what they sent."""
    monkeypatch.setattr(builtins, "input", builtins.input)
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    sent = []
    session = page.Session(lambda kind, text: sent.append((kind, text)))

    def cells(*sources):
        for number, source in enumerate(sources, start=1):
            sent.clear()
            ended = session.run(source, number)
        return ended, list(sent)

    return cells


def test_prints_and_the_last_value_come_in_order(run):
    code = "import sys\nprint('a')\ndisplay(1)\nprint('b', file=sys.stderr)\nprint('c')\n2"
    assert run(code) == (
        True,
        [
            ("stdout", "a\n"),
            ("result", "1"),
            ("stderr", "b\n"),
            ("stdout", "c\n"),
            ("result", "2"),
        ],
    )


@pytest.mark.parametrize("code", ["x = 1", "None", "1;", "1;  # hidden", ""])
def test_what_shows_nothing_sends_nothing(run, code):
    assert run(code) == (True, [])


def test_cells_share_names_and_functions_see_them(run):
    assert run("x = 1\ndef f():\n    return x", "x = 5", "f()") == (True, [("result", "5")])


def test_tables_are_sent_as_html(run):
    code = "class T:\n    def _repr_html_(self):\n        return '<table></table>'\nT()"
    assert run(code) == (True, [("html", "<table></table>")])


def test_error_shows_the_reader_s_lines_alone(run):
    code = (
        "import json\n\ndef read(text):\n    return json.loads(text)\n\nprint('so far')\nread('{')"
    )
    ended, sent = run(code)
    assert not ended
    assert sent[0] == ("stdout", "so far\n")
    kind, text = sent[1]
    assert kind == "error"
    assert 'File "cell 1", line 7' in text
    assert 'File "cell 1", line 4, in read' in text
    assert "json.loads(text)" in text
    assert text.splitlines()[-1].startswith("json.decoder.JSONDecodeError: Expecting")
    assert "decoder.py" not in text
    assert "run.py" not in text


def test_causes_show_the_reader_s_lines_alone(run):
    code = "try:\n    int('x')\nexcept ValueError as e:\n    raise KeyError('y') from e"
    text = run(code)[1][0][1]
    assert text.count('File "cell 1"') == 2
    assert "run.py" not in text


def test_syntax_error_points_at_the_line(run):
    _, ((kind, text),) = run("x = 1\ny = (2\n")
    assert kind == "error"
    assert 'File "cell 1", line 2' in text
    assert "SyntaxError: '(' was never closed" in text


def test_exception_in_an_import_shows_the_line_that_imports(run, tmp_path, monkeypatch):
    (tmp_path / "broken_module.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    _, ((_, text),) = run("import broken_module")
    assert 'File "cell 1", line 1' in text
    assert text.endswith("ZeroDivisionError: division by zero")


def test_input_is_refused_with_what_to_do(run):
    _, ((kind, text),) = run("name = input('Who? ')")
    assert kind == "error"
    assert "input('Who? ') cannot wait for an answer in a page: write the value" in text


@pytest.mark.parametrize(
    ("package", "says"),
    [
        ("no_such_package", "has NumPy and lossbook, and no no_such_package: that needs a kernel"),
        ("matplotlib", "has NumPy and lossbook, and no matplotlib: that needs a kernel"),
    ],
)
def test_package_that_is_not_there_is_said_with_a_way_to_have_it(run, monkeypatch, package, says):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    _, sent = run(f"import {package}.pyplot")
    assert [kind for kind, _ in sent] == ["error", "kernel"]
    assert says in sent[1][1]


def test_part_that_a_package_does_not_have_is_an_error_like_others(run):
    _, ((kind, text),) = run("import lossbook.nothing")
    assert kind == "error"
    assert text.endswith("No module named 'lossbook.nothing'")


def test_name_that_was_deleted_is_said_with_what_helps(run):
    _, sent = run("import math", "del math", "math.pi")
    assert "NameError: name 'math' is not defined" in sent[0][1]
    assert sent[1][0] == "note"
    assert "Restart" in sent[1][1]


@pytest.mark.parametrize(
    "code",
    [
        "for i in range(200_000):\n    print(i)",
        "for i in range(200_000):\n    print(i, flush=True)",
        "for i in range(20_000):\n    display(str(i))",
        "list(range(200_000))",
        "raise ValueError('x' * 10**7)",
    ],
)
def test_page_gets_no_more_than_it_can_hold(run, page, code):
    _, sent = run(code)
    assert 5_000 < sum(len(text) for _, text in sent) < page.MOST + 200
    assert len(sent) <= page.MOST / page.PIECE + 2
    assert sent[-1][0] == "error" or re.fullmatch(
        r"The rest is not shown: [\d,]+ more characters\.", sent[-1][1]
    )


def test_all_that_was_left_out_is_counted(run, page):
    _, sent = run("print('x' * 150_000)\nprint('y')")
    (_, shown), (_, note) = sent
    assert (len(shown), note) == (page.MOST, "The rest is not shown: 100,003 more characters.")


def test_table_that_is_too_large_is_left_out_whole(run):
    code = "class T:\n    def _repr_html_(self):\n        return '<p>' * 50_000\nT()"
    assert run(code) == (True, [("note", "The rest is not shown: 150,000 more characters.")])


def test_output_of_the_next_cell_has_room_again(run):
    assert run("print('x' * 200_000)", "print('y')") == (True, [("stdout", "y\n")])


def test_cell_cannot_end_python(run):
    ended, ((kind, text),) = run("raise SystemExit(3)")
    assert (ended, kind) == (False, "error")
    assert "SystemExit: 3" in text


def test_control_of_a_figure_is_no_reason_to_stop(run):
    code = "import ipywidgets as widgets\ns = widgets.SelectionSlider(options=[1], value=1)\ns"
    assert run(code) == (True, [("result", "A control of ipywidgets needs a kernel.")])


def test_figure_stays_on_the_page_and_says_so(run, monkeypatch):
    monkeypatch.setenv("EXPLORE_FRONT", "kept")
    code = (
        "from lossbook.explore import explore\n"
        "from lossbook.figures.regression import flat_tyre\n"
        "explore(flat_tyre, minutes_lost=(0, 30))"
    )
    ended, ((kind, text),) = run(code)
    assert (ended, kind) == (True, "kernel")
    assert text.startswith("The figure “flat tyre” stays as it is on the page")
