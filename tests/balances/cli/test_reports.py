"""The reports of the command line, run as a real process: output, messages and exit status."""

import json
import os
import pty
import signal
import subprocess
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from tests.balances.feed_server import SAMPLE, Feeds

from balances.cli.arguments import parser
from balances.cli.print_report import print_report

BALANCES = str(Path(sys.executable).parent / "balances")
DAILY = """\
2013-12-12   -227.35
2013-12-13  -1456.93
2013-12-15  -1462.32
2013-12-16  -6037.85
2013-12-17   4648.43
2013-12-18   2807.14
2013-12-19  22560.45
2013-12-20  18505.85
2013-12-21  18487.87
2013-12-22  18377.16
total       18377.16
"""

Run = subprocess.CompletedProcess[str]


def balances(*arguments: str, **options: Any) -> Run:
    return subprocess.run([BALANCES, *arguments], capture_output=True, text=True, check=False, **options)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def on_sample(feeds: Feeds) -> Callable[..., Run]:
    """Runs a command on the sample feed in its directory."""
    return lambda *arguments, **options: balances(*arguments, "--feed", str(feeds.sample), **options)


def test_daily_prints_the_ten_balances_and_the_total(on_sample: Callable[..., Run]) -> None:
    done = on_sample("daily")
    assert (done.returncode, done.stdout, done.stderr) == (0, DAILY, "")


def test_the_same_report_is_printed_for_a_feed_over_http(feeds: Feeds) -> None:
    done = balances("daily", "--feed", feeds.serve(feeds.sample_script).url)
    assert (done.returncode, done.stdout, done.stderr) == (0, DAILY, "")


def test_total_prints_the_total(on_sample: Callable[..., Run]) -> None:
    assert on_sample("total").stdout == "18377.16\n"


def test_filtered_days_have_the_balances_of_all_transactions(on_sample: Callable[..., Run]) -> None:
    done = on_sample("daily", "--from", "2013-12-17", "--to", "2013-12-18", "-O", "csv")
    assert done.stdout.splitlines() == [
        "date,balance,currency,amount,transactions",
        "2013-12-17,4648.43,CAD,10686.28,6",
        "2013-12-18,2807.14,CAD,-1841.29,8",
    ]


def test_a_list_filtered_by_date_has_both_totals(on_sample: Callable[..., Run]) -> None:
    days = ("--from", "2013-12-17", "--to", "2013-12-18")
    assert on_sample("daily", *days).stdout.splitlines() == [
        "2013-12-17       4648.43",
        "2013-12-18       2807.14",
        "filtered_total   8844.99",
        "feed_total      18377.16",
    ]
    for command in ("daily", "transactions"):
        answer = json.loads(on_sample(command, *days, "-O", "json").stdout)
        assert (answer["filtered_total"], answer["feed_total"]) == ("8844.99", "18377.16")
        assert "total" not in answer
        assert json.loads(on_sample(command, "-O", "json").stdout)["total"] == "18377.16"


def test_categories_add_up_to_the_total(on_sample: Callable[..., Run]) -> None:
    lines = on_sample("categories").stdout.splitlines()
    assert lines[0] == "35907.85   4  (none)"
    assert lines[-1] == "18377.16  38  total"
    assert len(lines) == 12


def test_transactions_can_be_filtered_by_category_and_date(on_sample: Callable[..., Run]) -> None:
    chosen = ("--category", "Office Expense", "--from", "2013-12-13")
    assert on_sample("transactions", *chosen).stdout.splitlines() == [
        "2013-12-18  -642.79  Office Expense  COSTCO WHOLESALE #55 CO VANCOUVER",
        "2013-12-17   -16.35  Office Expense  DYNAMEX EXPRESS xxxxxxxx6414 ON",
    ]
    assert len(on_sample("transactions", "--category", "").stdout.splitlines()) == 4
    assert len(on_sample("transactions").stdout.splitlines()) == 38


def test_possible_duplicates_have_evidence_and_both_totals(on_sample: Callable[..., Run]) -> None:
    answer = json.loads(on_sample("repeats", "-O", "json").stdout)
    assert (answer["total"], answer["total_if_repeats_removed"]) == ("18377.16", "20262.81")
    ninja, cab = answer["items"]
    assert ninja["vendor"] == "NINJA STAR WORLD VANCOUVER BC"
    assert ninja["occurrences"] == [{"page": 1, "row": 7}, {"page": 4, "row": 4}]
    assert (ninja["adjacent"], ninja["out_of_order"], ninja["excess"]) == (False, True, "-1874.75")
    assert cab["vendor"] == "YELLOW CAB CO LTD VANCOUVER BC"
    assert (cab["adjacent"], cab["out_of_order"], cab["excess"]) == (True, False, "-10.90")


def test_a_feed_without_duplicates_has_an_empty_report(feeds: Feeds) -> None:
    server = feeds.serve(feeds.paged([feeds.row()], 1))
    assert balances("repeats", "--feed", server.url).stdout == "total       -1.50\nif removed  -1.50\n"


def test_vendors_have_clean_names(on_sample: Callable[..., Run]) -> None:
    answer = json.loads(on_sample("vendors", "-O", "json").stdout)
    assert {vendor["raw"]: vendor["clean"] for vendor in answer["items"]}[
        "APPLE STORE #R280 VANCOUVER BC"
    ] == "APPLE STORE"
    assert len(answer["items"]) == 28


def test_json_contains_the_proof(on_sample: Callable[..., Run]) -> None:
    answer = json.loads(on_sample("total", "-O", "json").stdout)
    assert (answer["total"], answer["currency"]) == ("18377.16", "CAD")
    proof = answer["proof"]
    assert (proof["pages"], proof["rows"], proof["total_count"], proof["complete"]) == (4, 38, 38, True)
    assert len(proof["digest"]) == 64


@pytest.mark.parametrize("command", ["total", "daily", "categories", "transactions", "repeats", "vendors"])
def test_json_has_each_name_once(on_sample: Callable[..., Run], command: str) -> None:
    def once(members: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(members)) == len(members), members
        return dict(members)

    assert json.loads(on_sample(command, "-O", "json").stdout, object_pairs_hook=once)


@pytest.fixture
def with_pending(feeds: Feeds) -> str:
    """The address of a feed with two pending rows and two booked rows, which are equal."""
    rows = [feeds.row(Amount=amount, Company="CAFE") for amount in ("-2", "10", "-3", "10")]
    rows[0]["pending"] = rows[2]["Pending"] = True
    return str(feeds.serve(feeds.paged(rows, 3)).url)


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["total"], "20.00\n"),
        (["daily"], "2024-02-29  20.00\npending     -5.00\ntotal       20.00\n"),
        (["categories"], "20.00  2  Office\n-5.00  2  pending\n20.00  2  total\n"),
        (
            ["transactions", "-O", "csv"],
            "date,amount,currency,category,vendor\n" + "2024-02-29,10.00,CAD,Office,CAFE\n" * 2,
        ),
        (["vendors"], "20.00  2  CAFE  CAFE  vendor  high\n"),
    ],
)
def test_pending_transactions_are_counted_separately_and_reported(
    with_pending: str, arguments: list[str], output: str
) -> None:
    done = balances(*arguments, "--feed", with_pending)
    assert (done.returncode, done.stdout) == (0, output)
    assert done.stderr.endswith(": no total counts 2 pending transactions of -5.00\n")


def test_json_counts_pending_transactions_separately(with_pending: str) -> None:
    answer = json.loads(balances("repeats", "-O", "json", "--feed", with_pending).stdout)
    assert (answer["total"], answer["pending_transactions"], answer["pending_total"]) == ("20.00", 2, "-5.00")
    assert answer["proof"]["rows"] == 4
    assert [one["occurrences"] for one in answer["items"]] == [[{"page": 1, "row": 2}, {"page": 2, "row": 1}]]


def test_rows_in_another_currency_are_refused(feeds: Feeds) -> None:
    rows = [feeds.row(), feeds.row(currency="USD")]
    done = balances("total", "--feed", feeds.serve(feeds.paged(rows, 2)).url)
    assert (done.returncode, done.stdout) == (4, "")
    assert "page 1, row 2, field currency: 'USD' is not the feed's currency, CAD" in done.stderr


def test_the_currency_determines_the_digits(feeds: Feeds) -> None:
    url = feeds.serve(feeds.paged([feeds.row(Amount="1234.567")], 1)).url
    assert balances("total", "--feed", url, "--currency", "KWD").stdout == "1234.567\n"
    assert balances("total", "--feed", url).returncode == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "COMMAND"),
        (["total"], "--feed"),
        (["sum", "--feed", "x"], "invalid choice: 'sum'"),
        (["total", "--feed", "x", "-O", "xml"], "invalid choice: 'xml'"),
        (["daily", "--feed", "x", "--from", "yesterday"], "'yesterday' is not a date such as 2013-12-31"),
        (["total", "--feed", "x", "--from", "2013-12-31"], "unrecognized arguments"),
        (["total", "--feed", "x", "--currency", "BTC"], "'BTC' is not an active ISO 4217 code"),
        (
            ["total", "--feed", "x", "--deadline", "0"],
            "feed x, field deadline: Expected `float` > 0.0; it is 0.0",
        ),
        (["total", "--feed", "gopher://x"], "http:// or https://"),
        (["total", "--feed", "x", "-o", "/nowhere/out"], "cannot write /nowhere/out"),
        (
            ["daily", "--feed", "x", "--from", "2014-01-01", "--to", "2013-12-31"],
            "--from 2014-01-01 is after --to 2013-12-31",
        ),
    ],
)
def test_invalid_options_end_with_status_2(arguments: list[str], message: str) -> None:
    done = balances(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_directory_that_does_not_exist_is_named_by_its_whole_path(tmp_path: Path) -> None:
    done = balances("total", "--feed", "downloads", cwd=tmp_path)
    assert done.stderr == f"balances: feed downloads: there is no such directory: {tmp_path}/downloads\n"


def test_an_unreachable_feed_ends_with_status_3(tmp_path: Path) -> None:
    done = balances("total", "--feed", str(tmp_path / "none"))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"balances: feed {tmp_path}/none: there is no such directory\n"


@pytest.mark.parametrize(
    ("command", "form"),
    [
        ("total", "text"),
        ("daily", "json"),
        ("categories", "csv"),
        ("transactions", "csv"),
        ("repeats", "text"),
        ("vendors", "json"),
    ],
)
def test_nothing_is_printed_for_an_incomplete_feed(
    feeds: Feeds, tmp_path: Path, command: str, form: str
) -> None:
    for number in (1, 2, 3):
        (tmp_path / f"{number}.json").write_bytes((feeds.sample / f"{number}.json").read_bytes())
    done = balances(command, "--feed", str(tmp_path), "-O", form)
    assert (done.returncode, done.stdout) == (4, "")
    assert "page 3: the feed ends after 30 rows, but totalCount is 38" in done.stderr


def test_a_file_is_written_completely(on_sample: Callable[..., Run], tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    done = on_sample("daily", "-o", str(target))
    assert (done.returncode, done.stdout, target.read_text()) == (0, "", DAILY)
    assert names(tmp_path) == ["out.txt"]


def test_the_old_file_is_unchanged_if_the_feed_cannot_be_read(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    target.write_text("old")
    target.chmod(0o600)
    assert balances("daily", "--feed", str(tmp_path), "-o", str(target)).returncode == 4
    assert (target.read_text(), names(tmp_path)) == ("old", ["out.txt"])


def test_a_replaced_file_keeps_its_mode_and_links(on_sample: Callable[..., Run], tmp_path: Path) -> None:
    target, link = tmp_path / "out.txt", tmp_path / "link"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to(target)
    assert on_sample("total", "-o", str(link)).returncode == 0
    assert link.is_symlink()
    assert (target.read_text(), target.stat().st_mode & 0o777) == ("18377.16\n", 0o600)


def test_a_device_is_written_to_and_not_replaced(on_sample: Callable[..., Run]) -> None:
    assert on_sample("total", "-o", "/dev/null").returncode == 0
    assert Path("/dev/null").is_char_device()
    full = on_sample("total", "-o", "/dev/full")
    assert (full.returncode, full.stderr) == (
        1,
        "balances: cannot write the report: [Errno 28] No space left on device\n",
    )


def test_a_dash_means_standard_output(on_sample: Callable[..., Run]) -> None:
    assert on_sample("total", "-o", "-").stdout == "18377.16\n"


def test_ctrl_c_ends_with_status_130_and_one_line(feeds: Feeds, tmp_path: Path) -> None:
    server = feeds.serve(lambda *_: feeds.reply(delay=60))
    process = subprocess.Popen(
        [BALANCES, "total", "--feed", server.url, "-o", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.arrived.wait(30)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stdout, stderr) == (130, "", "balances: interrupted\n")
    assert names(tmp_path) == []


def test_a_reader_that_stops_early_is_no_error(feeds: Feeds, tmp_path: Path) -> None:
    rows = [feeds.row(Company=f"SHOP {n}") for n in range(5000)]
    (tmp_path / "1.json").write_bytes(feeds.body(1, rows, len(rows)))
    with subprocess.Popen(
        [BALANCES, "transactions", "--feed", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_report_leaves_the_handling_of_closed_pipes_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    """A program that prints a report and goes on must not be ended later by a connection that somebody closed."""
    before = signal.getsignal(signal.SIGPIPE)
    print_report(parser().parse_args(["total", "--feed", str(SAMPLE)]))
    assert capsys.readouterr().out == "18377.16\n"
    assert signal.getsignal(signal.SIGPIPE) == before


def test_retries_are_reported_on_standard_error(feeds: Feeds) -> None:
    server = feeds.serve(lambda p, n: feeds.reply(503) if (p, n) == (2, 1) else feeds.sample_script(p, n))
    done = balances("total", "--feed", server.url)
    assert (done.returncode, done.stdout) == (0, "18377.16\n")
    assert "page 2: HTTP status 503; trying again in" in done.stderr


def test_status_500_is_retried_only_with_the_option(feeds: Feeds) -> None:
    def script(page: int, n: int) -> Any:
        return feeds.reply(500) if n == 1 else feeds.sample_script(page, n)

    done = balances("total", "--feed", feeds.serve(script).url)
    assert (done.returncode, done.stdout) == (4, "")
    assert "page 1: HTTP status 500, where 200 or 404 is expected" in done.stderr
    assert balances("total", "--retry-500", "--feed", feeds.serve(script).url).stdout == "18377.16\n"


def test_a_terminal_shows_a_progress_bar(feeds: Feeds) -> None:
    server = feeds.serve(lambda p, n: feeds.sample_script(p, n)._replace(delay=0.15))
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with subprocess.Popen(
        [BALANCES, "total", "--feed", server.url], stdout=subprocess.PIPE, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # a terminal reports its end as an error
            while b"/4 [" not in shown:
                shown += os.read(ours, 65536)
        os.close(ours)
        assert b"/4 [" in shown
        assert process.stdout is not None
        assert process.stdout.read() == b"18377.16\n"


def test_help_shows_examples_and_exit_statuses() -> None:
    done = balances("--help")
    assert done.returncode == 0
    for part in ("balances daily --feed", "exit status:", "repeats", "3  the feed is unreachable"):
        assert part in done.stdout


def test_version_prints_the_version() -> None:
    done = balances("--version")
    assert (done.returncode, done.stdout) == (0, f"balances {version('benchtop-balances')}\n")


def test_pages_may_repeat_rows_with_the_option(feeds: Feeds) -> None:
    rows = [feeds.row(Amount=str(n)) for n in (1, 2, 3)] * 2
    url = feeds.serve(feeds.paged(rows, 3)).url
    refused = balances("total", "--feed", url)
    assert (refused.returncode, refused.stdout) == (4, "")
    assert balances("total", "--feed", url, "--allow-repeated-pages").stdout == "12.00\n"


def test_output_is_utf_8_whatever_the_locale(feeds: Feeds) -> None:
    url = feeds.serve(feeds.paged([feeds.row(Company="CAF\u00c9")], 1)).url
    done = subprocess.run(
        [BALANCES, "transactions", "--feed", url],
        capture_output=True,
        check=True,
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "latin-1"},
    )
    assert "CAF\u00c9".encode() in done.stdout


def test_a_report_loads_no_server_database_or_http_client() -> None:
    heavy = ["starlette", "psycopg", "structlog", "prometheus_client", "httpx", "tqdm"]
    code = f"import sys, balances.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(("closed", "status", "output"), [(">&-", 2, ""), ("2>&-", 0, "18377.16\n")])
def test_a_closed_standard_stream_is_reported_or_not_needed(
    feeds: Feeds, closed: str, status: int, output: str
) -> None:
    command = f"{BALANCES} total --feed {feeds.sample} {closed}"
    run = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (status, output)
    assert "Traceback" not in run.stderr
