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
    for board, pin in (
        *(("esp32", 34), ("esp32", 39), ("esp32", 27), ("pico-w", 14), ("pico-w", 0)),
        *(("esp32-s3", 1), ("esp32-s3", 48), ("esp32-c3", 0), ("esp32-c3", 1)),
    ):
        assert why_not(board, pin) == ""
    assert why_not("virtual", 7) == why_not("esp32", -1) == ""
