from firmware.state.pins import why_not


def test_why_a_pin_can_hear_no_receiver_is_said_in_words():
    for board, pin, words in (
        ("esp32", 7, "flash's"),
        ("esp32", 16, "PSRAM's"),
        ("esp32", 3, "serial cable's"),
        ("esp32", 12, "keeps it from starting"),
        ("esp32", 24, "the chip has none"),
        ("esp32", 40, "highest that can be used is 39"),
        ("esp32-s3", 35, "PSRAM's"),
        ("esp32-s3", 20, "USB"),
        ("esp32-s3", 46, "keeps it from starting"),
        ("esp32-c3", 9, "keeps it from starting"),
        ("esp32-c3", 12, "flash's"),
        ("esp32-c3", 22, "highest that can be used is 21"),
        ("pico-w", 24, "wireless"),
        ("pico-2-w", 29, "highest that can be used is 28"),
    ):
        assert words in why_not(board, pin), (board, pin)
    for board, pins in (
        ("esp32", (27, 34, 39)),
        ("esp32-s3", (1, 48)),
        ("esp32-c3", (0, 1)),
        ("pico-w", (0, 14)),
    ):
        assert [why_not(board, pin) for pin in pins] == [""] * len(pins)
    assert why_not("virtual", 7) == why_not("esp32", -1) == ""
