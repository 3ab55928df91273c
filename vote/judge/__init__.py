"""Do these triggers make an earthquake? The vote, its rivals, its guards.

quorum      the likelihood first, then the guards that no number may overrule
rivals      what else it could be: crowds, sounds;  strength: how people shake a node
far         a wave from far away
"""
