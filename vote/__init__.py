"""The network's judgement: which triggers are one earthquake, where, how large, who must be told.

Pure, like groundswell: time is an argument, nothing is opened. NumPy is allowed here.

    decision    the facade: hear messages, tick, alerts come out
    fleet       nodes: places, sites, who lives, who errs how often
    picks       detections that may vote, and for how long;  waiting: until they are judged
    quorum      do these triggers make an earthquake: likelihood first, then guards
    voting      the likelihood ratio;  origin: when it began;  shape: what amplitudes add
    evidence    its arrays;  coda: who is still deaf from the earthquake before
    source      where and when;  travel: how long waves take;  plane, tables: for speed
    event       one running earthquake;  aftermath: what it still does at a node
    magnitude   how large;  motion_model, shaking: how strong, where;  cells: default places
    lifecycle   new, update, cancel, final;  alert: the message;  settings: what one may choose
"""
