from groundswell import faults


def test_every_bit_of_a_status_has_words_of_its_own():
    texts = [faults.words(1 << bit) for bit in range(16)]

    assert all(len(text) == 1 for text in texts)
    assert len({text[0] for text in texts}) == 16
    assert faults.words(0) == []


def test_several_faults_are_all_told():
    both = faults.words(faults.SENSOR | faults.CRASHED)

    assert both == faults.words(faults.SENSOR) + faults.words(faults.CRASHED)
