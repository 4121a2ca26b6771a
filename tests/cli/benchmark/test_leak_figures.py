"""The figures of the leak report held to dpkt and pandas, and to what a trial of others found."""

import json

import pytest

pytest.importorskip("dpkt", reason="python3-dpkt is not installed")
pytest.importorskip("pandas", reason="python3-pandas is not installed")

import leak_oracle  # noqa: E402

APPS = ["dns", "http", "https", "imap", "redis", "smtp", "ssh"]
# dpkt does not read a DNS message that continues in the next segment.
RULE = "EACH:flow|FILE:{0.name}|BPF:not (tcp src port 53 and greater 600),{0.parent.name}\n"


def close(number):
    return number if number is None else pytest.approx(number, abs=1e-12)


@pytest.fixture(scope="module")
def leaks(repo, run, tmp_path_factory):
    """(the rows of the packets, the leak report) of captures of several applications."""
    folder = tmp_path_factory.mktemp("leaks")
    captures = [path for app in APPS for path in sorted((repo / "datasets/apps" / app).glob("*.pcap*"))]
    (folder / "rules.csv").write_text("".join(map(RULE.format, captures)))
    run("label", "-q", "--keep-source", "-L", "rules.csv", "-o", "all.pcapng", *captures, cwd=folder)
    facts = json.loads(run("info", "--json", "--samples", "all.pcapng", cwd=folder).stdout)
    names = ("train", "test", "validation", "train")
    lists = {int(sample["sample_id"]): names[number % 4] for number, sample in enumerate(facts["sample_list"])}
    (folder / "splits").mkdir()
    for name in set(names):
        (folder / f"splits/{name}.csv").write_text("".join(f"{n}\n" for n in lists if lists[n] == name))
    report = run("check", "--json", "--no-duplicates", "--splits", "splits", "--compare-splits", "all.pcapng",
                 cwd=folder)
    return leak_oracle.table_of(folder / "all.pcapng", lists), json.loads(report.stdout)["leaks"]


def test_splits(leaks):
    table, report = leaks
    for found, (name, (train, test)) in zip(report["splits"], leak_oracle.splits_of(table).items()):
        assert (found["split"], found["train_packets"], found["test_packets"]) == (name, len(train), len(test))
        assert found["majority"] == close(leak_oracle.guess(test, "length"))
        assert found["train_packets"] and found["test_packets"]


def test_fields(leaks):
    table, report = leaks
    splits = leak_oracle.splits_of(table)
    train, test = splits.pop("lists")
    assert [row["field"] for row in report["fields"]] == leak_oracle.FIELDS
    for row in report["fields"]:
        field = row["field"]
        have, right, guess = (int(test[field].notna().sum()), leak_oracle.accuracy(train, test, field),
                              leak_oracle.guess(test, field))
        assert (row["packets"], row["share"]) == (have, close(have / len(test))), field
        assert (row["accuracy"], row["majority"]) == (close(right), close(guess)), field
        assert row["leak"] == close(max(0, (right or 0) - (guess or 0)) * have / len(test)), field
        for name, (train_of, test_of) in splits.items():
            assert row[name] == close(leak_oracle.accuracy(train_of, test_of, field)), (field, name)
    assert all(row["packets"] for row in report["fields"])


def test_shared(leaks):
    table, report = leaks
    rows = {row["kind"]: row for row in report["shared"] if (row["first_list"], row["second_list"]) == ("train", "test")}
    table["payload"] = table["payload"].where(table["payload"].str.len() >= 16)
    for kind, column in (("flow", "flow"), ("payload", "payload"), ("tls_server_name", "tls_server_name"),
                         ("dns_name", "dns_name"), ("packet", "data")):
        row = rows[kind]
        found = row["first_values"], row["second_values"], row["shared"], row["packets"]
        assert found == leak_oracle.shared(table, column), kind
    assert report["flows_of_two_labels"] == leak_oracle.flows_of_two_labels(table)
    assert {name: report[name] for name in ("train", "validation", "test")} == dict(table["list"].value_counts())


def test_splits_by_packet_learn_sequence_numbers(shared, run, tmp_path):
    """157 captures of 46 applications gave others, with hashes of their own, 0.962, 0.118 and 0.002."""
    apps = shared / "captures/apps"
    lines = [line.split(",")[:2] for line in (apps / "metadata.csv").read_text().splitlines()[1:]]
    (tmp_path / "rules.csv").write_text("".join(f"{file}|BPF:tcp,{label}\n" for file, label in lines))
    run("label", "-q", "--keep-source", "-L", "rules.csv", "-o", "all.pcapng", apps, cwd=tmp_path)
    run("select", "-q", "--first", "400", "-o", "some.pcapng", "all.pcapng", cwd=tmp_path)
    report = json.loads(run("partition", "--json", "-q", "--group", "sample", "--train", "70", "--test", "30",
                            "--compare-splits", "-o", "splits", "some.pcapng", cwd=tmp_path).stdout)
    fields = {row["field"]: [row[split] for split in ("by_packet", "by_flow", "by_file")]
              for row in report["leaks"]["fields"]}
    for field, figures in (("tcp_sequence", (0.962, 0.118, 0.002)), ("destination_address", (0.940, 0.464, 0.001)),
                           ("destination_port", (0.853, 0.230, 0.118))):
        assert fields[field] == pytest.approx(figures, abs=0.12), field
