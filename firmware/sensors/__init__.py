"""Drivers of the accelerometers that a node may have: a module each, one interface (chip.py).

How long a chip keeps samples while the loop does something else; its own module names the source.
The longest step is one of a TLS handshake, 320 ms on an ESP32 (modelled: `python -m
tools.tls_steps`), right after the FIFO was emptied:

    chip       a FIFO of      at        holds     lost while a line with TLS is built up
    ADXL355    32 triplets    125 Hz    256 ms    some 8 triplets a step of 320 ms
    ADXL345    32 triplets    100 Hz    320 ms    none to 1
    LIS3DH     32 triplets    100 Hz    320 ms    none to 1
    MPU6050    170 triplets   125 Hz    1.36 s    none
    LSM6DSO    512 triplets   104 Hz    4.92 s    none

What is lost is told: has_overrun, then FLAG_GAP in what the node says for ten seconds. A slower
rate for the time of a handshake is no way: filters, averages and window are made for one rate, and
every chip starts its own filter anew when its rate changes.
"""
