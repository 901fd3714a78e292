"""The numbers that the pages for teachers show follow from those that were measured."""

import csv
import re
from pathlib import Path

import pytest

from benchmarks import classroom

USE = Path(__file__).parent.parent / "use"


def table(name):
    with (USE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(text):
    return float(re.match(r"[\d.,]+", text)[0].replace(",", ""))


def test_class_is_computed_from_the_dearest_chapter():
    measured = table("measured-chapters.csv")
    worst = {
        "kernel": max(number(row["Kernel"]) for row in measured),
        "server": max(number(row["Server"]) for row in measured),
        "move": max(number(row["One move"]) for row in measured),
        "visit": max(number(row["Visit to the site"]) for row in measured),
    }
    classes = table("measured-classes.csv")
    assert [number(row["Students"]) for row in classes] == list(classroom.CLASSES)
    for row in classes:
        assert list(row.values()) == classroom.load(int(number(row["Students"])), **worst)


def test_load_of_a_class_worked_by_hand():
    # 100 students: 100 * 0.2 GB; 10 of them move 5 times a second, 20 ms each: one core;
    # 100 * 300 kB = 240 Mbit in 300 s.
    row = classroom.load(100, kernel=120, server=80, move=20, visit=300)
    assert row == ["100", "20 GB", "1.0", "0.8 Mbit/s"]


def test_pages_say_what_the_computation_assumes():
    text = (USE / "teaching.md").read_text("utf-8")
    assert pytest.approx(0.1) == classroom.MOVING
    assert "one in ten drags a slider" in text
    assert classroom.MOVES_PER_SECOND == 5
    assert "five moves a second" in text
    assert classroom.ARRIVAL == 300
    assert "within five minutes" in text


def test_measured_chapters_are_chapters_of_the_book():
    chapters = [path.stem for path in classroom.chapters()]
    assert {row["Chapter"] for row in table("measured-chapters.csv")} <= set(chapters)
