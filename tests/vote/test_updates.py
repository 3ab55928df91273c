"""What updates of a trigger may do: a later word on the onset, never another earthquake."""

from groundswell import wire

from tests.vote.world import Quake, declared, grid, listening, second
from vote.decision import Decider


def moving(world, node_id, by_us):
    """Let one node move its onset in its updates."""
    world.mail = [
        (at_us, m._replace(onset_us=m.onset_us + by_us))
        if isinstance(m, wire.Trigger) and m.node_id == node_id and m.update
        else (at_us, m)
        for at_us, m in world.mail
    ]


def test_one_node_that_moves_its_onset_does_not_take_an_earthquake_back():
    for node_id, by_us in ((1, -5_000_000), (2, -1_500_000), (2, 9_900_000), (3, 86_400_000_000)):
        world = listening(grid(2, 20))
        world.shake(Quake(17.02, -99.98, 5.8))
        moving(world, node_id, by_us)

        alerts = world.play(Decider("v"))

        assert [alert.type for alert in alerts if alert.type != "update"] == ["new", "final"], (
            by_us
        )


def test_late_messages_of_a_prompt_trigger_start_nothing():
    def said(late: bool) -> list[str]:
        world = listening(grid(2, 20))
        world.shake(Quake(17.02, -99.98, 5.8))
        world.mail = [
            (at_us, m._replace(p_quake_permille=100))
            if isinstance(m, wire.Trigger) and not m.update
            else (at_us + late * 20_000_000, m._replace(flags=m.flags | late * wire.FLAG_LATE))
            if isinstance(m, wire.Trigger)
            else (at_us, m)
            for at_us, m in world.mail
        ]
        return declared(world.play(Decider("v")))

    assert said(late=False) and not said(late=True)


def test_a_name_does_not_depend_on_when_onsets_are_refined():
    world = listening(grid(5, 20))
    world.shake(Quake(17.03, -99.95, 5.5))
    names = set(declared(world.play(Decider("v"))))
    for place in world.places:
        moving(world, place.node_id, -200_000)
    # heard only when all of it is known
    world.mail = [
        (max(at_us, second(66)) if isinstance(m, wire.Trigger) else at_us, m)
        for at_us, m in world.mail
    ]

    world.mail.sort(key=lambda entry: getattr(entry[1], "sample_us", 0))
    assert set(declared(world.play(Decider("v")))) == names
