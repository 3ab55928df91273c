"""Drivers of the accelerometers that a node may have: a module each, one interface (chip.py).

How long a chip keeps samples while the loop does something else; its own module names the source.
The longest step of the loop is the key exchange of a TLS handshake: 0.31 to 0.44 s on an ESP32,
modelled (`python -m tools.tls_steps`), 0.6 to 0.8 s on a Pico W, guessed. So a board takes the
highest rate at which the chip's FIFO outlasts its longest step (state/settings.py, rate_for),
unless a rate is set; tests/shared/sensors/test_pauses.py shows that nothing is lost then. An
ESP32-S3 is as an ESP32 here, an ESP32-C3 as a Pico W.

    chip      a FIFO of      Raspberry Pi, 0.2 s   ESP32, Pico 2 W, 0.48 s   Pico W, 0.8 s
    ADXL355   32 triplets    125 Hz   256 ms       62.5 Hz   512 ms          31.25 Hz  1.02 s
    ADXL345   32 triplets    100 Hz   320 ms       50 Hz     640 ms          25 Hz     1.28 s
    LIS3DH    32 triplets    100 Hz   320 ms       50 Hz     640 ms          25 Hz     1.28 s
    MPU6050   170 triplets   125 Hz   1.36 s       125 Hz    1.36 s          125 Hz    1.36 s
    LSM6DSO   512 triplets   104 Hz   4.92 s       104 Hz    4.92 s          104 Hz    4.92 s

A turn of the loop hears one message at most, and a broker that floods the node costs it a tenth
of that step (the same tool). But a self-test that somebody asks for takes three to five of them:
1.3 to 2.1 s on an ESP32, up to 2.7 s on a Pico W (a LIS3DH at 25 Hz), in which the node does not
hear the ground; and a rate that was set may be too high for the board. What is lost so is told:
has_overrun, then FLAG_GAP in what the node says for ten seconds. A slower rate for the time of a
handshake only would lose more than it saves: every chip starts its own filter anew when its rate
changes, and so would ours.
"""
