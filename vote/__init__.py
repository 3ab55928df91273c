"""The network's judgement: which triggers are one earthquake, where, how large, who must be told.

Pure, like groundswell: time is an argument, nothing is opened. NumPy is allowed here. From the
bottom up; each part imports only those before it:

    waves/      how long waves take, how strong they are, and what magnitude that is
    nodes/      what nodes say, and how far each is believed
    search/     how likely an earthquake is at each place, and the search over places
    ground/     how strongly it will shake, where, and what to do there
    judge/      do these triggers make an earthquake: the vote, its rivals, its guards
    running/    earthquakes that run: what they explain, where they are now, how large
    decision    the facade: hear messages, tick, alerts come out
    lifecycle   new, update, cancel, final;  resume: an engine that starts again goes on
    alert       the message;  settings: what one may choose. Any part may import these two
"""
