"""Wrong words and wrong settings: one clear sentence, an exit code, and never a traceback."""

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from tests.api.cli.closedloop import closedloop_process
from tests.migrated import lay_warehouse
from tests.ports import free_port

COUNTED = b"date,cost\n2026-01-31,5\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    lay_warehouse(tmp_path / "data")
    monkeypatch.setenv("CLOSEDLOOP_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spend.csv").write_bytes(COUNTED)
    (tmp_path / "empty.csv").write_bytes(b"\xef\xbb\xbf \r\n")
    (tmp_path / "broken.json").write_bytes(b"{")
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "cut.csv.gz").write_bytes(b"\x1f\x8b\x08\x00")
    (tmp_path / "russian.csv").write_text("имя\nИван\n")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def refused(*words: str, code: int = 1) -> str:
    """What the command says on stderr, having failed as it should."""
    ran = run(*words)
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exc_info
    assert ran.exit_code == code, ran.output
    assert "Traceback" not in ran.output
    return " ".join(ran.stderr.split())


@pytest.mark.parametrize(
    ("words", "message", "help_words"),
    [
        ("no.csv --as spend", "no.csv cannot be read: No such file or directory.", ""),
        (". --as spend", ". cannot be read: Is a directory.", ""),
        ("spend.csv/x --as spend", "spend.csv/x cannot be read: Not a directory.", ""),
        ("empty.csv --as spend", "empty.csv: This is empty.", ""),
        ("broken.json --as spend", "broken.json: This is no JSON: ", "one object a line"),
        ("book.xlsx --as spend", "book.xlsx: This is no XLSX workbook: ", "Save the table as .xlsx or .csv."),
        ("old.xls --as spend", "old.xls: This is an old or password-protected Excel workbook", "XLSX"),
        ("cut.csv.gz --as spend", "cut.csv.gz cannot be read: ", ""),
        ("russian.csv --as leads", "russian.csv: None of the columns is a field of leads: имя.", "field=column"),
        ("spend.csv --as faxes", "There is no event family 'faxes'.", "The families are touches, calls"),
        ("spend.csv --as spend --map cost", "'cost' is no mapping.", "Write field=column"),
        ("spend.csv --as spend --map cosst=cost", "spend have no field 'cosst'.", "Did you mean cost?"),
        ("spend.csv --as spend --map cost=kost",
         "spend.csv: There is no column 'kost' for the field cost.", "The columns are date, cost."),
        ("spend.csv --as spend --mapping no.toml",
         "The mapping no.toml cannot be read: No such file or directory.", "TOML"),
        ("spend.csv --as spend --mapping broken.json", "The mapping broken.json cannot be read: ", "TOML"),
        ("spend.csv --as spend --timezone Mars", "'Mars' is no time zone.", "Europe/Moscow"),
    ],
)  # fmt: skip
def test_collect(words: str, message: str, help_words: str) -> None:
    said = refused("collect", *words.split())
    assert said.startswith(message)
    assert help_words in said


def test_a_file_of_which_nothing_is_taken_is_a_failure(folder: Path) -> None:
    (folder / "bad.csv").write_text("date,cost\nsoon,5\n2026-01-31,-5\n")
    ran = run("collect", "bad.csv", "--as", "spend")
    assert ran.exit_code == 1
    assert "0 spend accepted, 0 duplicates, 2 rejected." in ran.stdout
    assert "the amount is negative" in ran.stdout


@pytest.mark.parametrize(
    ("words", "message", "help_words"),
    [
        ("--by colour", "There is no grouping 'colour'.", "The groupings are day, week, month"),
        ("--by channel,day,dealer,kind,term", "A report has from one to four groupings, each once.", ""),
        ("--by ,", "A report has from one to four groupings, each once.", ""),
        ("--by day,day", "A report has from one to four groupings, each once.", ""),
        ("--model best", "There is no model 'best'.", "Choose one of first, last"),
        ("--calendar lunar", "There is no calendar 'lunar'.", "Choose one of conversion, touch."),
        ("--share fair", "There is no share 'fair'.", "Choose one of leads, even"),
        ("--from yesterday", "'yesterday' is no date.", "2026-01-31"),
        ("--to 31.01.2026", "'31.01.2026' is no date.", "2026-01-31"),
        ("--from 2026-02-01 --to 2026-01-01", "The period ends before it begins.", ""),
        ("--format pdf", "There is no format 'pdf'.", "Choose table, csv, json, xlsx or parquet."),
        ("", "Nothing has been attributed yet.", "closedloop attribute"),
    ],
)
def test_report(words: str, message: str, help_words: str) -> None:
    said = refused("report", "romi", *words.split())
    assert said.startswith(message)
    assert help_words in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("sample --out spend.csv/x", "spend.csv/x cannot be written: Not a directory."),
        ("sample --out x --until soon", "'soon' is no date."),
        ("serve --role loader", "Roles can only be separate processes with a ClickHouse server"),
    ],
)
def test_other_commands(words: str, message: str) -> None:
    assert refused(*words.split()).startswith(message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("collect", "Missing argument"),
        ("collect spend.csv", "Invalid value for --as: say one of touches"),
        ("collect spend.csv --as spend --mop x", "No such option: --mop"),
        ("sample --out x --dealers many", "'--dealers'"),
        ("sample --out x --dealers 0", "'--dealers'"),
        ("serve --role cook", "'cook' is not one of"),
        ("report profit", "No such command 'profit'"),
        ("fly", "No such command 'fly'"),
    ],
)
def test_what_the_command_line_does_not_know(words: str, message: str) -> None:
    assert message in refused(*words.split(), code=2)


SETTINGS = [
    ("DATA", "spend.csv", "the folder", "cannot be made: File exists"),
    ("DATA", "spend.csv/x", "the folder", "cannot be made: Not a directory"),
    ("LOG", "nonsense", "'nonsense' names no event log.", "Write local:///"),
    ("LOG", "local://relative", "names no event log.", "Write local:///"),
    ("LOG", "kafka://", "names no event log.", "kafka://host:9092"),
    ("WAREHOUSE", "nonsense", "'nonsense' names no warehouse.", "Write chdb:///"),
    ("WAREHOUSE", "chdb://relative", "names no warehouse.", "Write chdb:///"),
    ("WAREHOUSE", "clickhouse://u:secret@host:port/db", "'host:port/db' names no warehouse.", "clickhouse://user"),
    ("WAREHOUSE", "postgresql://u:secret@host/db", "'host/db' names no warehouse.", "clickhouse://user"),
    ("WAREHOUSE", "clickhouse://u:p@127.0.0.1:1/db", "The warehouse does not answer", "Start ClickHouse"),
    ("DATABASE", "nonsense", "'nonsense' is no operational database", "Write sqlite:////"),
    ("DATABASE", "mysql://u:secret@h/db", "'mysql' is no operational database", "Write sqlite:////"),
    ("DATABASE", "postgresql+psycopg://u:secret@h:port/db", "is no operational database", "Write sqlite:////"),
    ("DATABASE", "postgresql+none://u:secret@h/db", "there is no driver for postgresql+none", "closedloop[postgres]"),
    ("DATABASE", "postgresql+psycopg://u:secret@127.0.0.1:1/db", "The operational database cannot be used", "doctor"),
    ("DATABASE", "sqlite:////dev/null/x/db", "the folder /dev/null/x cannot be made", "write into"),
    ("PORT", "eighty", "CLOSEDLOOP_PORT: ", "valid integer"),
    ("PORT", "70000", "CLOSEDLOOP_PORT: ", "less than or equal to 65535"),
    ("TIMEZONE", "Mars/Olympus", "'Mars/Olympus' is no time zone", "Europe/Moscow"),
    ("CURRENCY", "rouble", "'rouble' is no ISO 4217 currency code", "RUB"),
    ("COUNTRY", "Russia", "'Russia' is no ISO 3166 country code", "RU"),
    ("COUNTRY", "ZZ", "'ZZ' is no ISO 3166 country code", "RU"),
    ("VAT_PERCENT", "200", "CLOSEDLOOP_VAT_PERCENT: ", "less than or equal to 100"),
    ("NET_OF_VAT", "perhaps", "CLOSEDLOOP_NET_OF_VAT: ", "valid boolean"),
    ("LOOKBACK_DAYS", "0", "CLOSEDLOOP_LOOKBACK_DAYS: ", "greater than or equal to 1"),
    ("LOOKBACK_DAYS_BY_KIND", "sale=180", "CLOSEDLOOP_LOOKBACK_DAYS_BY_KIND: ", "no JSON"),
    ("LOOKBACK_DAYS_BY_KIND", '{"sale": "long"}', "CLOSEDLOOP_LOOKBACK_DAYS_BY_KIND: ", "valid integer"),
    ("LEAD_WINDOW_DAYS", "-1", "CLOSEDLOOP_LEAD_WINDOW_DAYS: ", "greater than or equal to 0"),
    ("HALF_LIFE_DAYS", "0", "CLOSEDLOOP_HALF_LIFE_DAYS: ", "greater than 0"),
    ("CUSTOM_FIRST", "0.3", "CLOSEDLOOP_CUSTOM_FIRST: ", "valid list"),
    ("CUSTOM_FIRST", "[-1]", "CLOSEDLOOP_CUSTOM_FIRST: ", "greater than or equal to 0"),
    ("CUSTOM_MIDDLE", "-1", "CLOSEDLOOP_CUSTOM_MIDDLE: ", "greater than or equal to 0"),
    ("CUSTOM_LAST", "half", "CLOSEDLOOP_CUSTOM_LAST: ", "no JSON"),
    ("SHARED_KEY_LIMIT", "1", "CLOSEDLOOP_SHARED_KEY_LIMIT: ", "greater than or equal to 2"),
    ("MAX_BODY_MB", "0", "CLOSEDLOOP_MAX_BODY_MB: ", "greater than or equal to 1"),
    ("MAX_EVENT_KB", "1000", "CLOSEDLOOP_MAX_EVENT_KB: ", "less than or equal to 800"),
    ("LOAD_BATCH_EVENTS", "0", "CLOSEDLOOP_LOAD_BATCH_EVENTS: ", "greater than or equal to 1"),
    ("LOAD_INTERVAL_MS", "-1", "CLOSEDLOOP_LOAD_INTERVAL_MS: ", "greater than or equal to 0"),
    ("MAX_QUERY_MEMORY_MB", "1", "CLOSEDLOOP_MAX_QUERY_MEMORY_MB: ", "greater than or equal to 100"),
]


@pytest.mark.parametrize(("name", "value", "message", "more"), SETTINGS)
def test_a_setting_that_cannot_work(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str, more: str
) -> None:
    monkeypatch.setenv(f"CLOSEDLOOP_{name}", value)
    said = refused("status")
    assert message in said
    assert more in said
    assert "secret" not in said


def test_a_port_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("CLOSEDLOOP_PORT", str(other.getsockname()[1]))
        said = refused("serve")
    assert "cannot listen at 127.0.0.1:" in said
    assert "in use" in said
    assert "Choose another CLOSEDLOOP_PORT" in said


def test_a_host_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEDLOOP_HOST", "no.such.host.invalid")
    assert "cannot listen at no.such.host.invalid:8000" in refused("serve")


def test_a_log_out_of_reach(folder: Path) -> None:
    log = f"kafka://127.0.0.1:{free_port()}"
    ran = closedloop_process(folder, "collect", "spend.csv", "--as", "spend", CLOSEDLOOP_LOG=log)
    assert ran.code == 1
    assert "does not answer as it should" in ran.problems
    assert "Check that the brokers run" in ran.problems
    assert "Traceback" not in ran.problems


def test_a_warehouse_that_forbids_a_name_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEDLOOP_WAREHOUSE_CLUSTER", "none")
    assert "none" in refused("status")


@pytest.mark.parametrize(("name", "value", "message", "more"), SETTINGS)
def test_the_doctor_finds_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str, more: str) -> None:
    monkeypatch.setenv(f"CLOSEDLOOP_{name}", value)
    ran = run("doctor")
    assert ran.exit_code == 1
    assert ran.exception is None or isinstance(ran.exception, SystemExit)
    said = " ".join(ran.stdout.split())
    assert message in said
    assert more in said
    assert "secret" not in said
