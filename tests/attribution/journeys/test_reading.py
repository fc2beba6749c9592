"""Tables of journeys as people have them, and what is wrong with a row, by its line."""

from pathlib import Path

import pytest

from attribution.journeys.reading import Reading, read_source
from attribution.journeys.table import Span
from infra.errors import InvalidInput
from infra.warehouse import Warehouse
from tests.attribution.journeys.told import told_file

PATTERNS = [
    "path,conversions,value,nulls\na > b,2,10,3\nb,1,4,0\n",
    "path;total_conversions;total_conversion_value;total_null\r\na > b;2;10;3\r\n\r\nb;1;4;\r\n",
    "\ufeffPath\tConversions\tRevenue\tNull\n a>b \t2\t10\t3\nb\t1\t4\t0",
    '"path","conversions","value","nulls","note"\n"a > b","2","10","3","x, y"\n"b","1","4","0",""\n',
    '[{"path": "a > b", "conversions": 2, "value": 10, "nulls": 3}, {"path": "b", "conversions": 1, "value": 4}]',
    '{"items": [{"path": ["a", "b"], "conversions": 2, "value": "10", "nulls": 3},'
    ' {"path": ["b"], "conversions": 1, "value": 4}]}',
    "path,conversions,value,nulls\na > b,1,4,3\na > b,1,6,0\nb,1,4,0\n",
]


@pytest.mark.parametrize("text", PATTERNS)
def test_patterns(scratch: Warehouse, tmp_path: Path, text: str) -> None:
    (tmp_path / "patterns").write_text(text, newline="")
    with told_file(scratch, tmp_path / "patterns") as journeys:
        counts = journeys.counts(Span())
        assert list(journeys.channels) == ["a", "b"]
        assert (counts.conversions, counts.nulls, counts.value, counts.of_one_touch) == (3, 3, 14, 1)


def test_windows_1251_and_columns_of_any_name(scratch: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "patterns.csv").write_bytes("Путь;Заявки\nреклама > поиск;2\n".encode("cp1251"))
    source = read_source(
        tmp_path / "patterns.csv", tmp_path, Reading(columns={"path": "Путь", "conversions": "Заявки"})
    )
    with told_file(scratch, source.file) as journeys:
        assert list(journeys.channels) == ["поиск", "реклама"]


def refused(tmp_path: Path, text: str, **reading: object) -> InvalidInput:
    (tmp_path / "table").write_text(text)
    with pytest.raises(InvalidInput) as caught:
        read_source(tmp_path / "table", tmp_path, Reading(**reading))  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "This is empty."),
        ("path,conversions\n", "The table has no rows."),
        ("name,count\na,1\n", "There is no column for channel, converted, time, visitor; the columns are name, count."),
        ("path,nulls\na,1\n", "There is no column for conversions; the columns are path, nulls."),
        ("path,conversions\na,1\n\nb,x\n", "line 4: conversions 'x' is no number."),
        ("path,conversions\na,1\nb,1,2\n", "line 3: 3 values for 2 columns."),
        ("path,conversions\na,-1\n", "line 2: conversions '-1' is negative."),
        ("path,conversions\na,inf\n", "line 2: conversions 'inf' is no number."),
        (
            "path,conversions\na > > b,1\n> a,1\na >,1\n",
            "line 2: the path 'a > > b' has an empty step; line 3: the path '> a' has an empty step; line 4: ",
        ),
        ("path,conversions\n" + "a,x\n" * 7, "line 6: conversions 'x' is no number; and 2 more."),
        ("path;conversions\na | b;1\nc;2\n", "between '>', but paths hold '|': 'a | b'."),
        ("path;conversions\na -> b;1\nc;2\n", "between '>', but paths hold '->': 'a -> b'."),
        ("visitor,time,channel,converted\nv,soon,a,0\n", "line 2: time 'soon' is no time such as 2026-01-31T"),
        ("visitor,time,channel,converted\n,2026-01-01,a,0\n", "line 2: there is no visitor."),
        ("visitor,time,channel,converted\nv,2026-01-01,,0\n", "line 2: there is neither a channel nor a conversion."),
        ("visitor,time,channel,converted\nv,2026-01-01,a,maybe\n", "line 2: converted 'maybe' is neither 1 nor 0."),
        ("[1]", "This is no table."),
        ("[", "This is no JSON: "),
        ('[{"path": "a", "conversions": "x"}]', "item 1: conversions 'x' is no number."),
        ("PAR1", "This is no Parquet file: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, text).message


def test_other_mistakes(tmp_path: Path) -> None:
    told = "path,conversions\na,1\n"
    assert refused(tmp_path, told, columns={"paht": "path"}).help == "Did you mean path?"
    assert refused(tmp_path, told, columns={"path": "way"}).help == "The columns are path, conversions."
    assert refused(tmp_path, told, separator=" ").where == "separator"
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        read_source(tmp_path / "none.csv", tmp_path, Reading())


def test_another_separator(scratch: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "patterns.csv").write_text("path;conversions\na | b;1\n")
    found = read_source(tmp_path / "patterns.csv", tmp_path, Reading(separator="|"))
    assert found.layout.kind == "patterns"


def test_paths_without_a_channel_are_refused(scratch: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "patterns.csv").write_text("path,conversions\n,1\n")
    with pytest.raises(InvalidInput, match="No journey has a touch"), told_file(scratch, tmp_path / "patterns.csv"):
        pass
