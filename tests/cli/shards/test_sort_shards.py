"""sort --shard and merge: sorted parts make the file that one process writes."""

import random
import resource

import pytest

from captures import Ng, pcap, read_packets
from sharding import limit_open_files, merge, run_shards

EPOCH = 1_600_000_000 * 10**9


def labelled(seed, count, samples=20, interfaces=2):
    """In no order, with few times, so that much is decided by the place in the input."""
    chance = random.Random(seed)
    ng = Ng()
    for number in range(interfaces):
        ng.interface(tsresol=9, snaplen=262144, options=[(2, b"eth%d" % number)])
    for number in range(count):
        comments = [f"{chance.randrange(samples)},label"] if chance.random() < 0.9 else []
        ng.packet(number.to_bytes(4, "big") + bytes(chance.randrange(60)),
                  EPOCH + chance.randrange(30), comments, chance.randrange(interfaces))
    return ng


def same_as_one_process(run, tmp_path, inputs, counts, *options, name="out.pcapng"):
    one = tmp_path / ("one-" + name)
    command = ["sort", *options, *inputs]
    whole = run(*command, "-q", "--no-sync", "-o", one, check=False)
    for count in counts:
        output = tmp_path / f"{count}-{name}"
        parts = run_shards(run, count, output, *command, check=False)
        done = merge(run, output, parts, check=False)
        assert done.returncode == whole.returncode, (count, done.stderr, whole.stderr)
        assert output.read_bytes() == one.read_bytes(), count
    return one


@pytest.mark.parametrize("by", ["sample", "time"])
@pytest.mark.parametrize("name", ["out.pcapng", "out.pcapng.gz"])
def test_one_file_in_1_2_7_and_24_shards(run, tmp_path, by, name):
    capture = tmp_path / "in.pcapng"
    capture.write_bytes(bytes(labelled(1, 1500).statistics().names().custom()))
    one = same_as_one_process(run, tmp_path, [capture], [1, 2, 7, 24], "--by", by, name=name)
    assert len(read_packets(one)) == 1500


def test_several_files_with_other_interfaces(run, tmp_path):
    paths = [tmp_path / f"{number}.pcapng" for number in range(4)]
    for number, path in enumerate(paths):
        path.write_bytes(bytes(labelled(number, 200, interfaces=number + 1)))
    same_as_one_process(run, tmp_path, paths, [3, 10])


def test_real_captures_labelled_and_sorted_in_shards(run, tmp_path, shared):
    """As on a cluster: label in shards, merge, sort in shards, merge."""
    rules = tmp_path / "rules.csv"
    rules.write_text("BPF:tcp,web\nBPF:udp,udp\n")
    captures = [shared / "captures" / name for name in
                ("bulk/ndpi-quic-33.pcapng", "bulk/iti-ModbusTCP.pcap")]
    run("label", "-q", "-L", rules, "-o", tmp_path / "labelled.pcapng", *captures)
    same_as_one_process(run, tmp_path, [tmp_path / "labelled.pcapng"], [2, 7])


def test_long_packets_of_few_samples_in_order_of_time(run, tmp_path):
    """One process writes them to their places, piece after piece; the joint has the hash of all."""
    ng = Ng().interface(tsresol=9)
    for number in range(300):
        ng.packet(bytes([number % 256]) * 4000, EPOCH + number, [f"{number % 2},x"])
    capture = tmp_path / "in.pcapng"
    capture.write_bytes(bytes(ng))
    same_as_one_process(run, tmp_path, [capture], [1, 2])


def test_a_packet_longer_than_the_snap_length_lifts_it(run, tmp_path):
    capture = tmp_path / "in.pcap"
    capture.write_bytes(pcap([(bytes(40 if number != 150 else 200), EPOCH + number * 1000)
                              for number in range(200)], snaplen=100))
    for name in ("out.pcapng", "out.pcapng.zst"):
        same_as_one_process(run, tmp_path, [capture], [3], "--by", "time", name=name)


def test_shards_behind_damage_are_run_again(run, tmp_path):
    """A sorted part does not say which of its packets come from behind the damage."""
    records = [(number.to_bytes(4, "big") + bytes(50), EPOCH - number * 1000)
               for number in range(400)]
    data = bytearray(pcap(records))
    place = len(pcap(records[:100]))
    data[place:place + 16] = b"\xff" * 16
    damaged, sound = tmp_path / "1.pcap", tmp_path / "2.pcap"
    damaged.write_bytes(data)
    sound.write_bytes(pcap(records[:50]))
    command = ["sort", "--by", "time", damaged, sound]
    one, output = tmp_path / "one.pcapng", tmp_path / "out.pcapng"
    run(*command, "-q", "-o", one, check=False)
    parts = run_shards(run, 5, output, *command, order=reversed(range(5)), check=False)
    done = merge(run, output, parts, check=False)
    assert "run shard" in done.stderr and not output.exists()
    run_shards(run, 5, output, *command, check=False)
    assert merge(run, output, parts, check=False).returncode == 1
    assert output.read_bytes() == one.read_bytes()


def test_what_shards_cannot_sort_is_refused(run, tmp_path):
    capture = tmp_path / "in.pcapng"
    for ng, what in (
        (labelled(1, 9).simple(), "a packet without a time"),
        (labelled(1, 9).section(">").interface().packet(), "sections of both byte orders"),
        (labelled(1, 9).block(0x80000001, bytes(4)), "a process block"),
    ):
        capture.write_bytes(bytes(ng))
        done = run("sort", "-o", tmp_path / "x.pcapng", "--shard", "0/1", capture, check=False)
        assert done.returncode == 1 and what in done.stderr


def test_a_file_in_order_whose_interface_is_behind_names(run, tmp_path):
    """One process copies it as it is; out of order, it is sorted, and so are the parts."""
    capture = tmp_path / "in.pcapng"
    ng = Ng().interface().names().interface()
    for number in range(99):
        ng.packet(bytes([number]), number, interface=number % 2)
    capture.write_bytes(bytes(ng))
    parts = run_shards(run, 3, tmp_path / "x.pcapng", "sort", "--by", "time", capture)
    done = merge(run, tmp_path / "y.pcapng", parts, check=False)
    assert done.returncode == 1 and "in order already" in done.stderr
    capture.write_bytes(bytes(ng.packet(b"late", 3)))
    same_as_one_process(run, tmp_path, [capture], [3], "--by", "time")


def test_more_parts_than_a_process_may_open(run, tmp_path):
    capture, output = tmp_path / "in.pcapng", tmp_path / "out.pcapng"
    capture.write_bytes(bytes(labelled(3, 400)))
    run("sort", "-q", "-o", output, capture)
    one = output.read_bytes()
    parts = run_shards(run, 40, output, "sort", capture)
    for hard in (40, resource.getrlimit(resource.RLIMIT_NOFILE)[1]):
        merge(run, output, parts, preexec_fn=limit_open_files(40, hard))
        assert output.read_bytes() == one
    changed = bytearray(parts[7].read_bytes())
    changed[len(changed) // 2] ^= 1
    parts[7].write_bytes(changed)
    done = merge(run, output, parts, check=False, preexec_fn=limit_open_files(40))
    assert done.returncode == 1 and "is not what shard 7/40 has written" in done.stderr


@pytest.mark.parametrize("line", range(1, 24))
def test_joints_that_somebody_has_written(run, tmp_path, line):
    """Whatever a joint says, merge ends in order: with the output, or with an error and none."""
    (tmp_path / "in.pcapng").write_bytes(bytes(labelled(3, 40)))
    output = tmp_path / "out.pcapng"
    parts = run_shards(run, 2, output, "sort", tmp_path / "in.pcapng")
    joint = tmp_path / (parts[1].name + ".joint")
    lines = joint.read_text().split("\n")
    name, _, value = lines[line - 1].partition(" ")
    for wrong in ("18446744073709551615", "99", "-1", "u" * 9, "", "1 2 3 4 5", "0 0 0 uuuuuuu"):
        joint.write_text("\n".join([*lines[:line - 1], f"{name} {wrong}", *lines[line:]]))
        output.unlink(missing_ok=True)
        done = merge(run, output, parts, check=False)
        assert done.returncode in (0, 1) and (done.returncode == 0) == output.exists(), (name, wrong, done)
        assert done.returncode == 0 or done.stderr.startswith("labelcap merge: "), (name, wrong)
