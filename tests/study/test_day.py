"""Days without an earthquake: all that is announced happens, and one building is one site."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from failure import Failure
from replay.catalogue import Catalogue, RecordTruth
from study import day
from study.day import Said, Sources

STEP = Said(5.0, ((0.2, 0.9, 0.01, 1e-4, 1e-6),))
SOURCES = Sources(((3000.0, ()),), ((STEP,),))


def truth(name: str, event_id: str, quiet_s: float) -> RecordTruth:
    return RecordTruth(
        name, event_id, "N.A", 17.0, -100.0, 0, True, True, False, 100.0, None, None, None, None,
        quiet_s,
    )  # fmt: skip


def test_every_node_has_its_bursts_and_common_causes_come_on_top():
    happened = list(day._happenings(SOURCES, np.random.default_rng(1)))

    each = Counter(node for node, _, _ in happened)
    assert set(each) == set(range(day.NODES))
    assert min(each.values()) >= day.BURSTS_A_NODE
    slammed = [0, *range(day.ACROSS**2, day.NODES)]
    assert all(each[node] >= day.BURSTS_A_NODE + day.SLAMS_A_DAY for node in slammed)


def test_five_nodes_stand_in_one_building_and_the_others_apart():
    places = np.array([day._place_km(node) for node in range(day.NODES)])
    apart = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))

    assert (apart < 0.2).sum(axis=1).tolist().count(5) == 5
    assert np.sort(np.unique(apart[apart > 0.2]))[0] > 9


def test_quiet_parts_and_human_activity_come_from_what_the_detector_said(tmp_path: Path):
    def line(record_id: str, onset_s: float) -> str:
        message = {"record_id": record_id, "detection_id": 0, "update": 0, "onset_s": onset_s}
        message |= {"published_s": onset_s + 1, "p_quake": 0.5, "pga_mps2": 0.1}
        message |= {"pgv_mps": 0.01, "pd_m": 0.001}
        return json.dumps(message) + "\n" + json.dumps({"record_id": record_id, "done": True})

    file = tmp_path / "triggers.jsonl"
    file.write_text("\n".join([line("quake", 80.0), line("walk", 3.0), line("early", 2.0)]))
    records = {
        "quake": truth("quake", "ev", 50.0),
        "early": truth("early", "ev", 50.0),
        "walk": truth("walk", "", 0.0),
    }

    found = day.read_sources(Catalogue(records, {}), file)

    assert [len(own) for _, own in found.quiet] == [0, 1]  # at 80 s it is no longer quiet
    assert found.human[0][0].updates == ((1.0, 0.5, 0.1, 0.01, 0.001),)


def test_triggers_of_another_folder_are_one_clear_line(tmp_path: Path):
    file = tmp_path / "triggers.jsonl"
    file.write_text("")

    with pytest.raises(Failure, match="no quiet MEMS records"):
        day.read_sources(Catalogue({}, {}), file)
