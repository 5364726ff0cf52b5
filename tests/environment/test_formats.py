from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from environment.ingest.formats import BadRow, RawRow, UnreadableFile, read

HUE = ZoneInfo("Asia/Ho_Chi_Minh")


def rows_of(tmp_path, text, zone=HUE, encoding="utf-8"):
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    return list(read(path, zone))


def test_bulletin_times_are_local(tmp_path):
    text = "station_code,station,time_local,level_m\n71520,Kim Long,2025-11-17 02:00,2.12\n"
    assert rows_of(tmp_path, text) == [
        RawRow(2, "71520", datetime(2025, 11, 16, 19, tzinfo=UTC), "water_level", "2.12", "m",
               "Kim Long")
    ]  # fmt: skip


def test_an_offset_in_the_time_counts_and_utc_columns_are_utc(tmp_path):
    text = (
        "station,time_utc,parameter,value,unit\n"
        '"A, B",2026-05-27 21:00:00+00:00,pm10,12.0,µg/m³\n'
        "A,2026-05-27 21:00,pm10,12.0,\n"
        "A,2026-05-28T04:00+07:00,pm10,12.0,\n"
    )
    rows = rows_of(tmp_path, text)
    assert {r.at for r in rows} == {datetime(2026, 5, 27, 21, tzinfo=UTC)}
    assert rows[0].station == "A, B"


def test_a_semicolon_file_has_decimal_commas_and_local_dates(tmp_path):
    text = "\ufeffstation;time;parameter;value;unit\nA;17/11/2025 02:00;water_level;2,12;m\n"
    (row,) = rows_of(tmp_path, text)
    assert (row.value, row.at) == ("2.12", datetime(2025, 11, 16, 19, tzinfo=UTC))


def test_reservoirs_are_wide_and_empty_cells_are_no_observation(tmp_path):
    text = "reservoir,time_local,level_m,inflow_m3s,outflow_m3s\nA,2025-11-10 23:00,80.59,,52.0\n"
    rows = rows_of(tmp_path, text)
    assert [(r.parameter, r.value) for r in rows] == [
        ("reservoir_level", "80.59"), ("release", "52.0"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "station_code,station,time_local,height\n1,a,2025-01-01,2\n",
            "found station_code, station",
        ),
        ("station,value\nA,2\n", "found station, value"),
        ("", "empty"),
    ],
)
def test_wrong_columns_are_one_line_with_expected_and_found(tmp_path, text, found):
    with pytest.raises(UnreadableFile, match=found) as error:
        rows_of(tmp_path, text)
    assert "expected columns station" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_in_another_encoding_and_a_missing_file_are_named(tmp_path):
    with pytest.raises(UnreadableFile, match="UTF-8"):
        rows_of(
            tmp_path, "station,time,parameter,value\nPhú Ốc,2025-01-01,h,1\n", encoding="utf-16"
        )
    with pytest.raises(UnreadableFile, match="No such file"):
        list(read(tmp_path / "none.csv", HUE))


def test_bad_rows_are_set_aside_with_their_line(tmp_path):
    text = (
        "station,time,parameter,value\n"
        "A,yesterday,h,1\n"
        ",2025-01-01,h,1\n"
        "A,2025-01-01\n"
        "\n"
        "A,2025-01-01,h,1\n"
    )
    rows = rows_of(tmp_path, text)
    bad = [(r.line, r.code) for r in rows if isinstance(r, BadRow)]
    assert bad == [(2, "bad-time"), (3, "no-station"), (4, "columns")]
    assert rows[-1].line == 6


HEAD = "station,time,parameter,value,unit\n"
LINE = "71520,2025-11-17T0{n}:00,water_level,1.{n},m\n"


def test_a_quote_that_never_ends_costs_its_own_line_alone(tmp_path):
    lines = [LINE.format(n=n) for n in range(9)]
    lines[2] = lines[2].replace("water_level,", 'water_level,"')
    lines[5] = '71520,2025-11-17T05:00,water_level,1.5,"m"x\n'
    rows = rows_of(tmp_path, HEAD + "".join(lines))
    bad = [r for r in rows if isinstance(r, BadRow)]
    assert [(r.line, r.code) for r in bad] == [(4, "columns"), (7, "columns")]
    assert bad[0].raw == lines[2].rstrip()
    assert "quote" in bad[0].message
    good = [r for r in rows if isinstance(r, RawRow)]
    assert [r.line for r in good] == [2, 3, 5, 6, 8, 9, 10]


def test_a_quoted_cell_may_hold_lines_and_commas(tmp_path):
    head = HEAD.replace("\n", ",note\n")
    text = (head + '71520,2025-11-17T01:00,water_level,1.1,m,"read, by\nhand ""twice"""\n'
            + LINE.format(n=2).replace("m\n", "m,\n"))  # fmt: skip
    rows = rows_of(tmp_path, text)
    assert [(r.line, r.value) for r in rows] == [(2, "1.1"), (4, "1.2")]


def test_empty_lines_before_the_header_and_a_line_without_end(tmp_path):
    text = "\n \n" + HEAD + LINE.format(n=1) + ",,,,\n" + "x" * 200_000 + "\n" + LINE.format(n=2)
    rows = rows_of(tmp_path, text)
    assert [r.line for r in rows] == [4, 6, 7]
    assert "200000 characters" in rows[1].message
