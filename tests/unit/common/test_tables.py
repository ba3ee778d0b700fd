"""The same figures in every format."""

import csv
import io
from datetime import date

import pyarrow.parquet
import pytest
from starlette.requests import Request

from services.common.errors import Rejected
from services.common.tables import answer, flat, format_of, squared, table

ROWS = [
    {"month": date(2026, 10, 1), "team": "Zorg; avond", "minutes": 12.5, "people": 9, "hidden": False, "share": None},
    {"month": date(2026, 10, 1), "team": "=SUM(A1)", "minutes": 3.0, "people": 6, "hidden": True, "share": 0.25},
]


def request(**headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": named})


def test_csv_is_read_back_as_it_was_and_runs_nothing():
    read = list(csv.DictReader(io.StringIO(table(ROWS, "csv").decode())))
    assert [row["team"] for row in read] == ["Zorg; avond", "'=SUM(A1)"]
    assert [(row["minutes"], row["people"], row["hidden"], row["share"]) for row in read] == [
        ("12.5", "9", "false", ""),
        ("3", "6", "true", "0.25"),
    ]


def test_a_dutch_excel_opens_it_by_a_double_click():
    """A mark that says UTF-8, semicolons between, commas in numbers."""
    body = table(ROWS, "csv-nl")
    assert body.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
    assert read[1] == ["2026-10-01", "Zorg; avond", "12,5", "9", "false", ""]


def test_parquet_keeps_types_and_what_is_absent():
    read = pyarrow.parquet.read_table(io.BytesIO(table(ROWS, "parquet"))).to_pylist()
    assert read == ROWS


def test_nothing_is_a_table_too():
    assert table([], "csv") == b""
    assert pyarrow.parquet.read_table(io.BytesIO(table([], "parquet"))).num_rows == 0


def test_the_address_or_the_header_chooses():
    assert format_of(request(), None) == "json"
    assert format_of(request(accept="text/html, text/csv;q=0.9"), None) == "csv"
    assert format_of(request(accept="text/csv"), "csv-nl") == "csv-nl"
    with pytest.raises(Rejected, match="csv-nl"):
        format_of(request(), "xlsx")


def test_what_the_client_has_is_not_sent_again():
    first = answer(request(), {"a": 1}, lambda: ROWS, "json", "mix")
    assert first.body == b'{"a":1}'
    again = answer(request(if_none_match=f'W/{first.headers["etag"]}, "x"'), {"a": 1}, lambda: ROWS, "json", "mix")
    assert (again.status_code, again.body) == (304, b"")
    other = answer(request(if_none_match=first.headers["etag"]), {"a": 2}, lambda: ROWS, "json", "mix")
    assert other.status_code == 200
    assert answer(request(), {}, lambda: ROWS, "csv", "mïx").headers["content-disposition"].endswith('"m-x.csv"')


def test_how_fresh_it_is_makes_no_answer_another_one():
    tags = {answer(request(), {"a": 1}, lambda: ROWS, "json", "mix", {"lag": lag}).headers["etag"] for lag in (0, 1)}
    assert len(tags) == 1
    assert answer(request(), {"a": 1}, lambda: ROWS, "json", "mix", {"lag": 0}).body == b'{"a":1,"lag":0}'


def test_nested_figures_are_one_row():
    told = {"minutes": {"formal": 3, "social": None}, "nodes": ["a", "b"], "by": "minutes"}
    assert flat(told) == {"minutes_formal": 3, "minutes_social": None, "nodes": "a b", "by": "minutes"}
    assert squared([{"a": 1}, {"b": 2, "a": 3}]) == [{"a": 1, "b": None}, {"a": 3, "b": 2}]
