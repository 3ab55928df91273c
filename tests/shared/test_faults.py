from groundswell import faults


def vars_of(module):
    return [(name, getattr(module, name)) for name in dir(module)]


def test_every_bit_of_a_status_has_words_of_its_own():
    bits = [value for name, value in vars_of(faults) if name.isupper() and name[0] != "_"]
    texts = [faults.words(bit) for bit in bits]

    assert len(bits) == len(set(bits)) >= 20
    assert all(len(text) == 1 for text in texts)
    assert len({text[0] for text in texts}) == len(bits)
    assert faults.words(0) == []


def test_several_faults_are_all_told():
    both = faults.words(faults.SENSOR | faults.CRASHED)

    assert both == faults.words(faults.SENSOR) + faults.words(faults.CRASHED)
