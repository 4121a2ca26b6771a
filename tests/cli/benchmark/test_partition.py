"""partition: which list a sample is in, computed here from what pandas and tshark read."""

import ipaddress
import json
import math
import random
import struct
from collections import Counter

import pytest

from captures import Ng, read_packets
from labels import sample_id, tshark
from splits import Groups, list_of, lists, singles, udp, write, written

SHARES = ("--train", 70, "--validation", 15, "--test", 15)
WHOLE = 100_000_000


@pytest.fixture
def many(tmp_path):
    return write(tmp_path / "many.pcapng", singles(2000))


def packets_of(path):
    """(sampleID, metadata, seconds, source, destination, ports) of each packet that write() wrote."""
    for packet in read_packets(path):
        number, metadata = packet.label
        source, destination = (str(ipaddress.ip_address(packet.data[at:at + 4])) for at in (26, 30))
        yield number, metadata, packet.time_ns / 1e9, source, destination, struct.unpack_from(">2H", packet.data, 34)


def real_packets_of(path):
    """The same of any packets, as tshark reads them."""
    columns = tshark(path, "frame.comment", "frame.time_epoch", "ip.src", "ip.dst", "udp.srcport",
                     "udp.dstport", "tcp.srcport", "tcp.dstport")
    for comment, time, source, destination, *ports in columns:
        number, _, metadata = comment.partition(",")
        yield int(number), metadata.split(",source=")[0], float(time), source, destination, ports


# ---- by hash ----


def hashed_list(key, seed=0, shares=(("train", 70), ("validation", 15), ("test", 15))):
    place = sample_id(b"partition %d %d" % (seed, key)) % WHOLE
    for name, percent in shares:
        if place < percent * WHOLE / 100:
            return name
        place -= percent * WHOLE // 100


def test_list_of_a_hash(partition, many):
    found = list_of(partition(many, *SHARES))
    assert len(found) == 2000
    assert all(found[number] == hashed_list(number) for number in found)
    other = list_of(partition(many, *SHARES, "--seed", 2**64 - 1, into="other"))
    assert all(other[number] == hashed_list(number, 2**64 - 1) for number in other)
    assert other != found


def test_shares_are_those_of_chance(partition, many):
    for seed in range(5):
        counts = Counter(list_of(partition(many, *SHARES, "--seed", seed, into=f"{seed}")).values())
        for name, share in ("train", 0.7), ("validation", 0.15), ("test", 0.15):
            deviation = math.sqrt(2000 * share * (1 - share))
            assert abs(counts[name] - 2000 * share) < 4 * deviation


def test_decimals_of_shares(partition, many):
    shares = (("train", 33.333333), ("validation", 33.333333), ("test", 33.333334))
    found = list_of(partition(many, *(word for name, share in shares for word in (f"--{name}", share))))
    for number, name in found.items():
        place = sample_id(b"partition 0 %d" % number) % WHOLE
        assert name == ("train" if place < 33333333 else "validation" if place < 66666666 else "test")


def test_nothing_moves_when_data_is_added(partition, tmp_path, many):
    more = write(tmp_path / "more.pcapng", [*singles(2000), *singles(500, first=2000)])
    before, after = list_of(partition(many, *SHARES)), list_of(partition(more, *SHARES, into="more"))
    assert len(after) == 2500 and before.items() <= after.items()


def test_folds(partition, many):
    found = list_of(partition(many, "--folds", 7))
    edges = [(k + 1) * WHOLE // 7 for k in range(7)]
    for number, name in found.items():
        place = sample_id(b"partition 0 %d" % number) % WHOLE
        assert name == f"fold-{1 + sum(place >= edge for edge in edges)}"
    exact = list_of(partition(many, "--folds", 7, "--exact", into="exact"))
    assert sorted(Counter(exact.values()).values()) == [285] * 2 + [286] * 5


def test_files_of_lists(run, partition, many):
    directory = partition(many, *SHARES)
    labels = {number: metadata for number, metadata, *_ in singles(2000)}
    for name, table in lists(directory).items():
        assert list(table.columns) == ["sample_id", "metadata"]
        assert list(table.sample_id) == sorted(table.sample_id)
        assert all(labels[int(row.sample_id)] == row.metadata for row in table.itertuples())
    made = written(directory)
    assert {entry["name"]: entry["samples"] for entry in made["lists"]} == Counter(list_of(directory).values())
    for entry in made["labels"]:
        assert entry["samples"] == {name: sum(table.metadata == entry["label"])
                                    for name, table in lists(directory).items()}
    selected = many.parent / "test.pcapng"
    run("select", "-o", selected, "--splits", directory, "--list", "test", many)
    assert {packet.label[0] for packet in read_packets(selected)} == set(map(int, lists(directory)["test"].sample_id))
    done = run("select", "-o", many.parent / "x", "--splits", directory, "--list", "dev", many, check=False)
    assert done.returncode == 1 and "no list 'dev': there are train, validation, test" in done.stderr
    run("check", "--splits", directory, many)


# ---- groups ----


def check_groups(directory, groups, samples):
    """No group is torn, and none is larger than it has to be."""
    found = list_of(directory)
    sets = groups.sets(samples)
    assert set(found) == set(samples)
    for members in sets:
        assert len({found[number] for number in members}) == 1
        assert found[min(members)] == hashed_list(min(members))
    made = written(directory)
    assert made["groups"] == len(sets)
    assert made["largest_group"] == max(map(len, sets))


def joined_by(packets, key_of):
    groups, first = Groups(), {}
    for packet in packets:
        key = key_of(packet)
        groups.root(packet[0])
        if key is not None:
            groups.join(first.setdefault(key, packet[0]), packet[0])
    return groups


def joined_by_flow(packets, within=math.inf):
    """Packets of one flow are no more than that many seconds apart."""
    groups, last = Groups(), {}
    for number, _, time, source, destination, ports in sorted(packets, key=lambda packet: packet[2]):
        ends = (source, *ports[::2]), (destination, *ports[1::2])
        key = min(ends), max(ends)
        groups.root(number)
        if key in last and time - last[key][0] <= within:
            groups.join(last[key][1], number)
        last[key] = time, number
    return groups


def random_traffic(seed, hosts=40):
    """Samples that share flows, in time and out of it, in an order that is not that of time."""
    chance = random.Random(seed)
    packets = []
    for _ in range(3000):
        number = chance.randrange(400) * 1_000_003 + 1
        host, port = chance.randrange(hosts), chance.randrange(30)
        ends = [(f"10.0.{host >> 8}.{host & 255}", 1000 + port), (f"192.0.2.{host % 7}", 53)]
        chance.shuffle(ends)
        seconds = chance.randrange(4_000_000) / 1000
        packets.append((number, f"label {number % 3}", seconds, udp(*ends[0], *ends[1])))
    return packets


@pytest.mark.parametrize("within", [math.inf, 90, 0.5])
@pytest.mark.parametrize("order", ["as it comes", "by sample", "by time"])
def test_flows(partition, tmp_path, order, within):
    packets = random_traffic(1, 1500 if within == math.inf else 40 if within == 90 else 1)
    if order != "as it comes":
        packets.sort(key=lambda packet: packet[0 if order == "by sample" else 2])
    path = write(tmp_path / "set.pcapng", packets)
    found = list(packets_of(path))
    groups = joined_by_flow(found, within)
    sizes = list(map(len, groups.sets({packet[0] for packet in found})))
    assert len(sizes) < 380 and 2 < max(sizes) < 100
    options = SHARES if within == math.inf else (*SHARES, "--group", f"flow:{within}")
    directory = partition(path, *options)
    check_groups(directory, groups, {packet[0] for packet in found})
    small = partition(path, *options, "--memory", "1M", "-j", 1, into="small")
    assert {p.name: p.read_bytes() for p in directory.iterdir()} == {
        p.name: p.read_bytes() for p in small.iterdir()}


def test_flows_of_real_captures(run, label, partition, shared):
    """tshark tells ends and times of every packet."""
    folder = shared / "captures/apps"
    done = label("FILE:facebook/|EACH:window:20,facebook\nFILE:skype/|EACH:window:20,skype\n"
                 "FILE:ssh/|EACH:window:20,ssh\nFILE:zoom/|EACH:window:5,zoom\n",
                 "--order", "given", folder, output="labelled.pcapng")
    path = done.output.with_name("tcp-udp.pcapng")  # tshark says of ICMP what its packets are about
    run("select", "-o", path, "--filter", "(tcp or udp) and ip and ip[6:2] & 0x3fff = 0", done.output)
    found = [packet for packet in real_packets_of(path) if "," not in packet[3]]
    directory = partition(path, *SHARES)
    check_groups(directory, joined_by_flow(found), {packet[0] for packet in found})
    assert written(directory)["largest_group"] > 1


def test_samples_alone(partition, tmp_path):
    path = write(tmp_path / "set.pcapng", random_traffic(2))
    samples = {packet[0] for packet in packets_of(path)}
    check_groups(partition(path, *SHARES, "--group", "sample"), Groups(), samples)


def test_hosts(run, partition, tmp_path):
    """A sample belongs to the local source of its first packet, else to its destination."""
    chance = random.Random(3)
    packets = []
    for number in range(1, 300):
        for _ in range(chance.randrange(1, 4)):
            host = f"10.0.{number % 2}.{chance.randrange(30)}" if chance.random() < 0.3 else f"10.0.0.{number % 37}"
            ends = [(host, 1000), ("198.51.100.9" if chance.random() < 0.9 else "10.0.1.200", 80)]
            chance.shuffle(ends)
            packets.append((number, "x", chance.randrange(10**6), udp(*ends[0], *ends[1])))
    packets.append((999, "x", 5, udp("198.51.100.9", 1, "198.51.100.8", 1)))
    path = write(tmp_path / "set.pcapng", packets)
    found = list(packets_of(path))
    hosts, several = {}, set()
    for number, _, time, source, destination, _ in sorted(found, key=lambda packet: packet[2]):
        for end in source, destination:
            if end.startswith("10.0."):
                several |= {number} if hosts.setdefault(number, end) != end else set()
    groups = joined_by(found, lambda packet: hosts.get(packet[0]))
    local = ("--group", "host", "--local", "10.0.0.0/24,10.0.1.0/24,2001:db8::/32")
    directory = partition(path, *SHARES, *local)
    check_groups(directory, groups, {packet[0] for packet in found})
    done = run("partition", "-f", "-o", directory, *SHARES, *local, path)
    assert f"{len(several)} samples with several local addresses" in done.stdout
    assert "1 sample without a local address" in done.stdout


def test_files(label, partition, repo):
    """A sample of several files joins them."""
    path = label("FILE:mail/|EACH:file,mail\nFILE:voip/|EACH:flow,voip\nEACH:window:1000000,rest\n", "--keep-source",
                 repo / "datasets/apps").output
    found = [(packet.label[0], packet.comments[1]) for packet in read_packets(path)]
    groups = joined_by(found, lambda packet: packet[1])
    check_groups(partition(path, *SHARES, "--group", "file"), groups, {packet[0] for packet in found})


@pytest.mark.parametrize("index", [False, True])
def test_days_and_metadata(run, partition, tmp_path, index):
    chance = random.Random(4)
    packets = [(number, f"site{chance.randrange(9)}/app{number % 4}", chance.randrange(-2 * 10**9, 10**8) / 7,
                udp("10.0.0.1", number, "10.0.0.2", 1)) for number in range(1, 200) for _ in range(2)]
    packets = [(number, packets[2 * number - 2][1], *rest) for number, _, *rest in packets]
    path = write(tmp_path / "set.pcapng", packets)
    if index:
        run("index", path)
    found = list(packets_of(path))
    samples = {packet[0] for packet in found}
    first = {number: min(packet[2] for packet in found if packet[0] == number) for number in samples}
    directory = partition(path, *SHARES, "--group", "day", into="day")
    check_groups(directory, joined_by(found, lambda packet: first[packet[0]] // 86400), samples)
    directory = partition(path, *SHARES, "--group", "metadata:^site([0-9])/", into="site")
    check_groups(directory, joined_by(found, lambda packet: packet[1].split("/")[0]), samples)
    done = run("partition", "--json", "-f", "-o", directory, *SHARES, "--group", "metadata:site[0-4]", path)
    assert ('"by_catalogue": true' in done.stdout) == index
    apart = len({number for number, metadata, *_ in packets if metadata[4] > "4"})
    assert f"{apart} samples without a match in their metadata" in done.stdout


# ---- exactly ----


@pytest.mark.parametrize("labels, count", [("abc", 100), ("aaab", 37), ([f"label {i}" for i in range(40)], 200)])
def test_exact_shares(partition, tmp_path, labels, count):
    path = write(tmp_path / "set.pcapng", singles(count, labels))
    tables = lists(partition(path, *SHARES, "--exact"))
    all_labels = Counter(metadata for _, metadata, *_ in singles(count, labels))
    for name, share in ("train", 0.7), ("validation", 0.15), ("test", 0.15):
        assert abs(len(tables[name]) - share * count) < 1
        for metadata, samples in all_labels.items():
            assert abs(sum(tables[name].metadata == metadata) - share * samples) < 2


def test_exact_shares_with_groups(partition, tmp_path):
    """Large groups do not spoil the shares, neither of other labels."""
    packets = [(number, "large" if number < 300 else "small", number * 1000,
                udp(f"10.0.0.{number % 5 if number < 300 else 9}", number % 5 if number < 300 else number, "10.0.0.9", 1),
                f"file {number % 5 if number < 300 else number}") for number in range(1, 1300)]
    path = write(tmp_path / "set.pcapng", packets)
    tables = lists(partition(path, *SHARES, "--exact", "--group", "file"))
    assert written(tables and path.parent / "splits")["largest_group"] == 60
    for name, share in ("train", 0.7), ("validation", 0.15), ("test", 0.15):
        assert abs(len(tables[name]) - share * 1299) <= 60
        assert abs(sum(tables[name].metadata == "small") - share * 1000) <= 2


def test_stratified_by_a_part_of_the_metadata(partition, tmp_path):
    path = write(tmp_path / "set.pcapng", singles(90, ["web/1", "web/2", "mail/3"]))
    directory = partition(path, "--train", 50, "--test", 50, "--exact", "--stratify", "^[a-z]*")
    assert [(entry["label"], entry["samples"]) for entry in written(directory)["labels"]] == [
        ("mail", {"train": 15, "test": 15}), ("web", {"train": 30, "test": 30})]


def test_balanced_train(partition, tmp_path):
    path = write(tmp_path / "set.pcapng", singles(400, "aaaaaabbc"))
    plain, balanced = lists(partition(path, *SHARES)), lists(partition(path, *SHARES, "--balance-train", into="b"))
    counts = Counter(plain["train"].metadata)
    assert Counter(balanced["train"].metadata) == {metadata: counts["c"] for metadata in "abc"}
    assert set(balanced["train"].sample_id) < set(plain["train"].sample_id)
    assert balanced["test"].equals(plain["test"])
    assert written(path.parent / "b")["left_out"]["balance"] == len(plain["train"]) - 3 * counts["c"]


# ---- by time ----


@pytest.mark.parametrize("gap", [0, 3000])
def test_lists_in_the_order_of_time(partition, tmp_path, gap):
    chance = random.Random(5)
    packets = []
    for number in range(1, 500):
        begin = chance.randrange(10**6)
        packets += [(number, "x", begin + extra, udp(f"10.1.{number >> 8}.{number & 255}", 1, "10.0.0.9", 1))
                    for extra in (0, chance.expovariate(0.0002))]
    path = write(tmp_path / "set.pcapng", packets)
    options = ("--by", "time", "--gap", gap) if gap else ("--by", "time")
    directory = partition(path, *SHARES, *options)
    spans = {}
    for number, _, time, *_ in packets_of(path):
        first, last = spans.get(number, (time, time))
        spans[number] = min(first, time), max(last, time)
    order = sorted(spans, key=lambda number: (spans[number][0], number))
    ends = [round(0.7 * 499), round(0.85 * 499), 499]
    borders = [spans[order[end]][0] for end in ends[:2]]
    expected = {}
    for i, number in enumerate(order):
        k = sum(i >= end for end in ends)
        if k == 2 or borders[k] - spans[number][1] >= gap and spans[number][1] < borders[k]:
            expected[number] = ("train", "validation", "test")[k]
    found = list_of(directory)
    assert found == expected
    assert 0 < written(directory)["left_out"]["border"] == 499 - len(found)


# ---- lists that are extended ----


def test_extension(partition, tmp_path, many):
    old = partition(many, *SHARES, "--exact", into="old")
    more = write(tmp_path / "more.pcapng", [*singles(1000, first=1000), *singles(900, first=2000)])
    new = partition(more, *SHARES, "--exact", "--extend", old, into="new")
    before, after = list_of(old), list_of(new)
    assert len(after) == 1900 and all(before[number] == after[number] for number in set(before) & set(after))
    counts = Counter(after.values())
    assert abs(counts["train"] - 1330) < 3 and abs(counts["test"] - 285) < 3


def joining(seconds):
    """Flows from one host to three; the last sample is in several of them."""
    a, b, c = (udp("10.0.0.1", port, "10.0.0.2", 9) for port in (1, 2, 3))
    return [(20, "x", seconds, a), (10, "x", seconds + 9, a), (10, "x", seconds + 9, b), (10, "x", seconds, c)]


def test_new_data_that_joins_groups(run, partition, tmp_path, many):
    old = list_of(partition(many, *SHARES, into="old"))
    one = next(p for p in singles(2000) if old[p[0]] == "train")
    other = next(p for p in singles(2000) if old[p[0]] == "test")
    follower = (1, "a", one[2] + 1, one[3])
    path = write(tmp_path / "more.pcapng", [*singles(2000), follower])
    options = (*SHARES, "--extend", tmp_path / "old")
    assert list_of(partition(path, *options, into="new")) == {**old, 1: "train"}
    joiner = [(1, "a", p[2], p[3]) for p in (one, other)]
    path = write(tmp_path / "joined.pcapng", [*singles(2000), *joiner])
    done = run("partition", "-o", tmp_path / "x", *options, path, check=False)
    assert done.returncode == 1 and not (tmp_path / "x").exists()
    assert "the new sample 1 joins samples " in done.stderr and "--on-conflict drop" in done.stderr
    assert all(str(p[0]) in done.stderr for p in (one, other))
    directory = partition(path, *options, "--on-conflict", "drop", into="dropped")
    assert list_of(directory) == old
    assert written(directory)["left_out"]["conflict"] == 1


def test_lists_of_other_groups_cannot_be_extended(run, partition, tmp_path):
    path = write(tmp_path / "set.pcapng", random_traffic(6))
    partition(path, *SHARES, "--group", "sample", into="old")
    done = run("partition", "-o", tmp_path / "x", *SHARES, "--extend", tmp_path / "old", path, check=False)
    assert done.returncode == 1 and 'made with --group "sample", not "flow"' in done.stderr
    (tmp_path / "old/partition.json").unlink()  # lists of somebody else
    done = run("partition", "-o", tmp_path / "x", *SHARES, "--extend", tmp_path / "old", path, check=False)
    assert done.returncode == 1 and "belong together: the lists were made with other groups" in done.stderr
    done = run("partition", "-o", tmp_path / "x", "--folds", 3, "--extend", tmp_path / "old", path, check=False)
    assert done.returncode == 1 and "the new lists have none of this name" in done.stderr


@pytest.mark.parametrize("options, words", [
    (("--seed", 1), '--seed "0", not "1"'),
    (("--exact",), 'the method (--exact, --by) "hash", not "exact"'),
    (("--group", "host", "--local", "10.0.0.0/8"), '--group "flow", not "host"'),
    (("--stratify", "^a"), '--stratify none, not "^a"'),
    (("--balance-train",), "--balance-train false, not true"),
    (("--train", 60, "--validation", 25), "--train 70.0, not 60.0"),
])
def test_lists_are_extended_with_the_options_that_made_them(run, partition, many, tmp_path, options, words):
    partition(many, *SHARES, into="old")
    done = run("partition", "-o", tmp_path / "x", *SHARES, *options, "--extend", tmp_path / "old", many, check=False)
    assert done.returncode == 1 and not (tmp_path / "x").exists()
    assert f"these lists were made with {words}: give the options that made them" in done.stderr


def test_quiet_and_columns(run, many, tmp_path):
    """A column for each list that there is; with -q only warnings."""
    told = [run("partition", "-f", *options, "-o", tmp_path / "x", "--train", 80, "--test", 20, many)
            for options in ((), ("-q",))]
    assert "validation" not in told[0].stdout and "Samples of each label" in told[0].stdout
    assert (told[1].stdout, told[1].stderr) == ("", "")
    done = run("check", "-q", "--splits", tmp_path / "x", "--max-leak", 0, many, check=False)
    assert done.stdout == "" and all("the lists leak" in line for line in done.stderr.splitlines())


def test_lists_in_time_are_extended(partition, tmp_path):
    path = write(tmp_path / "set.pcapng", singles(100))
    old = list_of(partition(path, *SHARES, "--by", "time", into="old"))
    assert [name for number, name in sorted(old.items(), key=lambda item: order_of(item[0]))] == (
        ["train"] * 70 + ["validation"] * 15 + ["test"] * 15)
    path = write(tmp_path / "more.pcapng", singles(150))
    new = list_of(partition(path, *SHARES, "--by", "time", "--extend", tmp_path / "old", into="new"))
    assert new == {**old, **{number: "test" for number, *_ in singles(50, first=100)}}


def order_of(number):
    return [sample for sample, *_ in singles(100)].index(number)


# ---- what is told ----


def test_warnings(run, tmp_path):
    path = write(tmp_path / "set.pcapng", [*singles(30, "a"), *singles(1, "b", first=30)])
    done = run("partition", "-o", tmp_path / "x", "--train", 50, "--test", 50, path)
    assert "1 label missing from t" in done.stdout and "such as 'b'" in done.stdout
    path = write(tmp_path / "group.pcapng", [(number, "a", number, udp("10.0.0.1", 1, "10.0.0.2", 2))
                                             for number in range(1, 9)] + list(singles(8)))
    done = run("partition", "-o", tmp_path / "y", "--train", 70, "--test", 30, path)
    assert "the largest group has 50.0 % of the samples" in done.stdout


def test_leaks(run, partition, tmp_path):
    """A field that tells the label is found, and fails the run if that was asked for."""
    packets = [(number, f"label {number % 2}", number * 1000,
                udp(f"10.0.{number >> 8}.{number & 255}", 7, f"192.0.2.{number % 2}", 53)) for number in range(1, 400)]
    path = write(tmp_path / "set.pcapng", packets)
    done = run("partition", "-o", tmp_path / "x", "--train", 50, "--test", 50, "--max-leak", 10, path, check=False)
    assert done.returncode == 1 and "destination address" in done.stdout
    assert (tmp_path / "x/partition.json").exists()
    assert run("check", "--splits", tmp_path / "x", "--max-leak", 10, path, check=False).returncode == 1
    run("partition", "-f", "-o", tmp_path / "x", "--train", 50, "--test", 50, "--max-leak", 60, path)


@pytest.mark.parametrize("options, status, message", [
    ((), 2, "no --train PERCENT or --folds K given"),
    (("--train", 70), 2, "add up to 70 %, not to 100 %"),
    (("--train", 70, "--test", 40), 2, "add up to 110 %, not to 100 %"),
    (("--train", 0.8, "--test", 0.2), 2, "they are in percent, such as 80 and 20"),
    (("--train", 170), 2, "--train: expected percent"),
    (("--train", 100, "--folds", 3), 2, "--folds"),
    (("--folds", 1), 2, "expected 2 to 100 folds, found 1"),
    (("--folds", 101), 2, "--folds"),
    (("--folds", 3, "--group", "flows"), 2, "--group: expected sample, flow, flow:SECONDS, host"),
    (("--folds", 3, "--group", "flow:x"), 2, "--group: flow: expected seconds above 0"),
    (("--folds", 3, "--group", "host"), 2, "--group host needs --local"),
    (("--folds", 3, "--local", "10.0.0.0/8"), 2, "--local needs --group host"),
    (("--folds", 3, "--group", "host", "--local", "10.0.0.0/8,x"), 1, "--local: expected an address"),
    (("--folds", 3, "--group", "host", "--local", "203.0.113.0/24"), 1, "no packet has an address in --local"),
    (("--folds", 3, "--group", "file"), 1, "label the captures with --keep-source"),
    (("--folds", 3, "--group", "metadata:("), 2, 'the regular expression "("'),
    (("--folds", 3, "--stratify", "["), 2, 'the regular expression "["'),
    (("--folds", 3, "--seed", "-1"), 2, "--seed: expected a number"),
    (("--folds", 3, "--gap", 3), 2, "--gap needs --by"),
    (("--folds", 3, "--by", "time", "--exact"), 2, "--by"),
    (("--folds", 3, "--on-conflict", "drop"), 2, "--on-conflict needs --extend"),
    (("--folds", 3, "--extend", "gone"), 1, "gone"),
    (("--folds", 3, "--challenge", 3), 2, "--challenge needs --challenge-key"),
    (("--folds", 3, "--answers", "a"), 2, "--answers needs --challenge"),
    (("--folds", 3, "--challenge", 3, "--challenge-key", "k", "--answers", "k"), 2, "the answers and the key"),
])
def test_errors(run, tmp_path, options, status, message):
    write(tmp_path / "set.pcapng", singles(20))
    done = run("partition", "-o", "x", *options, "set.pcapng", cwd=tmp_path, check=False)
    assert done.returncode == status and message in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set.pcapng"]


def test_errors_of_the_data_set(run, tmp_path):
    whole = write(tmp_path / "set.pcapng", singles(20)).read_bytes()
    (tmp_path / "cut.pcapng").write_bytes(whole[:-7])
    (tmp_path / "text").write_text("hello, this is no capture, but long enough to be one")
    write(tmp_path / "none.pcapng", [])
    for name, message in (("cut.pcapng", "truncated block"), ("text", "text"), ("none.pcapng", "no packet is labelled"),
                          ("gone", "gone"), ("-", "regular file"), (".", "regular file")):
        done = run("partition", "-o", "x", "--folds", 3, name, cwd=tmp_path, check=False)
        assert done.returncode == 1 and message in done.stderr, name
        assert not (tmp_path / "x").exists()


def test_existing_lists(run, partition, many):
    directory = partition(many, *SHARES)
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    done = run("partition", "-o", directory, *SHARES, "--seed", 1, many, check=False)
    assert done.returncode == 1 and "exists" in done.stderr
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before
    done = run("partition", "-f", "-o", directory, "--folds", 3, many, check=False)
    assert done.returncode == 1 and "test.csv is a list of another split" in done.stderr.replace("train", "test")
    run("partition", "-f", "-o", directory, *SHARES, many)
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


def test_labels_that_a_nul_parts(run, tmp_path):
    ng = Ng().interface()
    for number, metadata in enumerate([b"a", b"a\0b", b"a\0c", b"a\0b"]):
        ng.packet(udp("10.0.0.1", number, "10.0.0.2", 1), number, [b"%d,%s" % (number, metadata)])
    (tmp_path / "set.pcapng").write_bytes(bytes(ng))
    done = run("partition", "--json", "-o", tmp_path / "lists", "--train", 100, "--group", "sample",
               tmp_path / "set.pcapng")
    wanted = [("a", 1), ("a\0b", 2), ("a\0c", 1)]
    assert [(row["label"], row["train"]) for row in json.loads(done.stdout)["labels"]] == wanted
    told = json.loads((tmp_path / "lists/partition.json").read_text())["labels"]
    assert [(row["label"], row["samples"]["train"]) for row in told] == wanted


@pytest.mark.parametrize("metadata", [b"caf\xe9", b"a\0b", b'"q",\r\nx', b"#x", b" lead ", b"", b"\x1b[31m", b"x" * 60000])
def test_metadata_of_any_bytes(run, partition, tmp_path, metadata):
    """The lists are CSV that others read, and that labelcap reads again."""
    ng = Ng().interface()
    for number in range(1, 9):
        ng.packet(udp("10.0.0.1", number, "10.0.0.2", 1), number, [b"%d,%s" % (number, metadata)])
    path = tmp_path / "set.pcapng"
    path.write_bytes(bytes(ng))
    directory = partition(path, "--train", 50, "--test", 50, "--exact")
    expected = metadata.decode(errors="replace").replace("\0", "\ufffd")
    for table in lists(directory).values():
        assert len(table) == 4 and set(table.metadata) == {expected}
    assert json.loads((directory / "partition.json").read_text())["lists"][0]["samples"] == 4
    run("select", "-o", tmp_path / "x", "--splits", directory, "--list", "train", path)
