"""Earthquakes that run: what they explain, where they are now, how large.

event       one of them;  known: all of them, asked about a new trigger or a new source
arrivals    when its waves come to each node;  delay: how much later than in the plain crust
aftermath   what it still does at one node: waves, coda, aftershocks;  echo: less than before
front       a wave from far away that was told and taken back
relocation  where it is, now that more is known;  sizing: how large, over all such places
"""
