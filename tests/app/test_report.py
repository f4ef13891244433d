"""The report as the person who runs it meets it: every option on a small real machine."""

import json
import shutil
from typing import Any

import pytest

CODE = "".join(f"def part_{n}(total):\n    return total * {n} + {n * n}\n\n\n" for n in range(12))
OTHER = "".join(f"def other_{n}(total):\n    return total - {n} * {n + 5}\n\n\n" for n in range(12))
COST = 3 * (1_000 * 3 + 2_000 * 0.3 + 500 * 3.75 + 300 * 15) / 1_000_000


@pytest.fixture
def worked(machine: Any) -> Any:
    """A session whose change stands, one whose change was fixed, one that found nothing."""
    machine.commit("feat: begin", {"README.md": "The shop\n"}, days_ago=120)
    machine.session("stands", {"a.py": CODE}, days_ago=100)
    machine.commit("feat: parts", {"a.py": CODE}, days_ago=100)
    machine.session("fixed", {"b.py": OTHER}, days_ago=80)
    machine.commit("feat: others", {"b.py": OTHER}, days_ago=80)
    machine.commit("fix: others", {"b.py": OTHER.replace("return total", "return 2 + total")}, days_ago=75)
    machine.session("explores", {}, days_ago=50)
    return machine


def test_spend_follows_each_session_to_the_fate_of_its_change(worked: Any) -> None:
    report = worked.report()
    parts = report["worth"]["spend_by_fate"]
    assert parts["standing"] == pytest.approx(COST)
    assert parts["corrected"] == pytest.approx(COST)
    assert parts["nothing_found"] == pytest.approx(COST)
    assert round(sum(parts.values()), 6) == report["cost"]["list_usd"]
    assert report["worth"]["cost_per_standing_change_usd"] == pytest.approx(3 * COST, abs=1e-6)
    assert report["rework"]["spend_on_replaced_usd"] > 0
    assert set(report["rework"]["corrective"]) == {"share", "low", "high", "n", "coverage", "method"}
    assert report["coverage"]["joined_by"] == {"content": 2, "none": 1}
    assert report["work"]["repos"][0]["path"] == str(worked.repo)
    assert report["work"]["repos"][0]["landed_by_tier"]["4"] > 0


def test_since_limits_what_is_counted_and_says_so(worked: Any) -> None:
    report = worked.report("--since", "60d")
    assert report["usage"]["totals"]["requests"] == 3
    assert report["worth"]["spend_by_fate"]["nothing_found"] == pytest.approx(COST)
    assert report["work"]["repos"][0]["changes"] == 0
    assert set(report["rework"]["corrective"]) == {"unknown"}


def test_a_repository_that_is_named_is_the_only_one_examined(worked: Any) -> None:
    elsewhere = worked.root / "code" / "elsewhere"
    elsewhere.mkdir()
    worked.git("init", "-q", cwd=elsewhere)
    worked.git("commit", "-q", "--allow-empty", "-m", "x", cwd=elsewhere)
    report = worked.report(str(elsewhere))
    examined = {row["path"]: row["examined"] for row in report["work"]["repos"]}
    assert examined == {str(elsewhere): True, str(worked.repo): False}
    assert report["worth"]["spend_by_fate"]["not_examined"] == pytest.approx(3 * COST, abs=1e-6)


def test_a_work_tree_that_is_gone_still_belongs_to_its_repository(worked: Any) -> None:
    tree = worked.root / "code" / "shop-topic"
    worked.git("worktree", "add", "-q", "-b", "topic", str(tree))
    worked.session("in-tree", {}, days_ago=40, directory=tree / "sub")
    shutil.rmtree(tree)
    report = worked.report()
    assert {row["name"] for row in report["usage"]["by_repo"]} == {str(worked.repo)}


def test_a_folder_that_is_gone_is_listed_as_not_examined(worked: Any) -> None:
    worked.session("gone", {}, days_ago=40, directory=worked.root / "vanished")
    report = worked.report()
    rows = {row["path"]: row for row in report["work"]["repos"]}
    assert not rows[str(worked.root / "vanished")]["examined"]
    assert "no longer there" in rows[str(worked.root / "vanished")]["why"]
    assert report["worth"]["spend_by_fate"]["not_examined"] == pytest.approx(COST)


def test_a_repository_that_moved_is_known_by_what_landed_in_it(worked: Any) -> None:
    moved = worked.root / "elsewhere" / "store"
    moved.parent.mkdir()
    worked.repo.rename(moved)
    report = worked.report(str(moved))
    parts = report["worth"]["spend_by_fate"]
    assert parts["standing"] == pytest.approx(COST)
    assert parts["corrected"] == pytest.approx(COST)
    assert parts["not_examined"] == pytest.approx(COST), "a session that wrote nothing proves nothing"
    assert report["coverage"]["joined_by"] == {"content": 2}
    assert any("2 sessions worked in folders that are not here" in note for note in report["notes"])


def test_what_a_tool_deletes_is_remembered(worked: Any) -> None:
    before = worked.report()
    shutil.rmtree(worked.home / ".claude")
    after = worked.report()
    assert after["usage"]["totals"] == before["usage"]["totals"]
    assert after["worth"] == before["worth"]
    assert after["usage"]["by_source"][0]["remembered"] == 9
    worked.run("forget", "--yes")
    assert worked.report()["usage"]["totals"]["requests"] == 0


def test_nothing_is_remembered_where_nobody_wants_it(worked: Any) -> None:
    worked.report("--no-memory")
    assert not (worked.root / "data").exists()
    assert not (worked.root / "cache").exists()


def test_logs_of_another_machine_are_not_mixed_with_ones_own(worked: Any) -> None:
    other = worked.root / "other"
    shutil.copytree(worked.home, other)
    shutil.rmtree(worked.home / ".claude")
    assert worked.report("--home", str(other))["usage"]["totals"]["requests"] == 9
    assert worked.report("--home", str(other), "--home", str(other))["usage"]["totals"]["requests"] == 9
    assert worked.report()["usage"]["totals"]["requests"] == 0


def test_prices_paid_and_own_rates(worked: Any) -> None:
    assert set(worked.report()["cost"]["paid_usd"]) == {"unknown"}
    assert worked.report("--plan", "30.4375", "--since", "10d")["cost"]["paid_usd"] == pytest.approx(
        10, abs=0.01
    )
    bill = worked.root / "bill.csv"
    bill.write_text("BilledCost,BillingCurrency,ChargePeriodStart\n12.5,USD,2026-01-01\n", "utf-8")
    assert worked.report("--bill", str(bill))["cost"]["paid_usd"] == 12.5
    rates = worked.root / "rates.toml"
    rates.write_text('[[rate]]\nmodel = "claude-sonnet-4-5"\ninput = 0\noutput = 1\n', "utf-8")
    assert worked.report("--rates", str(rates))["cost"]["list_usd"] == pytest.approx(9 * 300 / 1e6)


def test_a_table_is_counted_once_and_only_where_it_is_named(machine: Any) -> None:
    table = machine.root / "mine.csv"
    table.write_text(
        "at,session,model,input_uncached,cache_read,cache_write,output\n"
        "2026-11-01T10:00:00Z,s,claude-sonnet-4-5,10,0,0,5\n",
        "utf-8",
    )
    for words in (("--more",), ("--mode", "full")):
        report = machine.report("--table", str(table), *words)
        assert report["usage"]["totals"]["requests"] == 1
        assert [row["source"] for row in report["usage"]["by_source"]].count("table") == 1
    assert machine.report()["usage"]["totals"]["requests"] == 0


def test_a_model_without_a_price_is_counted_and_free_of_no_charge(worked: Any) -> None:
    transcript = next((worked.home / ".claude").rglob("explores.jsonl"))
    transcript.write_text(
        transcript.read_text("utf-8").replace("claude-sonnet-4-5", "nobody-knows-1"), "utf-8"
    )
    report = worked.report()
    assert report["usage"]["totals"]["unpriced_requests"] == 3
    assert report["cost"]["list_usd"] == pytest.approx(2 * COST, abs=1e-6)
    assert "No price is known for 3 requests" in worked.run("report", "--more").stdout


def test_usage_alone_needs_no_git(worked: Any) -> None:
    done = worked.run("report", "--only", "usage", PATH="/nonexistent")
    assert "claude-sonnet-4-5" in done.stdout
    report = worked.report("--only", "usage")
    assert report["usage"] == worked.report()["usage"] | {
        "by_repo": report["usage"]["by_repo"],
        "by_source": report["usage"]["by_source"],
    }


def test_the_page_is_written_whole_and_says_so(worked: Any) -> None:
    page = worked.root / "r.html"
    done = worked.run("report", "--html", str(page))
    assert f"wrote {page}" in done.stderr
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_without_logs_git_alone_is_shown(machine: Any) -> None:
    machine.commit("feat: begin", {"a.py": CODE}, days_ago=3)
    done = machine.run(cwd=machine.repo)
    assert "No AI tool logs were found" in done.stdout
    assert f"{machine.home}/.codex/sessions" in done.stdout.replace("\n  ", "")


def test_the_same_question_is_answered_from_memory_until_something_changes(worked: Any) -> None:
    first = worked.run("report", "--more")
    assert worked.run("report", "--more").stdout == first.stdout
    worked.session("later", {}, days_ago=20)
    assert worked.run("report", "--more").stdout != first.stdout


def test_trace_names_the_commits_that_blame_names_and_the_evidence(worked: Any) -> None:
    lines = [json.loads(line) for line in worked.run("trace", str(worked.repo), "--json").stdout.splitlines()]
    files = {row["path"]: row["lines"] for row in lines}
    for path, rows in files.items():
        blamed = [
            line.split()[0].lstrip("^")
            for line in worked.git("blame", "-s", "-l", "--root", path).splitlines()
        ]
        assert [row["commit"] for row in rows] == blamed
    evidence = {row["evidence"] for row in files["a.py"]}
    assert 4 in evidence and {row["tool"] for row in files["a.py"] if row["evidence"] == 4} == {"claude-code"}
    assert all(row["evidence"] == 0 and set(row["tool"]) == {"unknown"} for row in files["README.md"])
    one = worked.run("trace", str(worked.repo), "a.py", "--json").stdout
    assert json.loads(one)["lines"] == files["a.py"]
    assert "a.py" not in worked.run("trace", str(worked.repo), "--at", "HEAD~3", "--json").stdout


def test_version_and_help_are_quick_words(machine: Any) -> None:
    assert machine.run("--version").stdout.startswith("counterfoil ")
    assert "report" in machine.run("--help").stdout
