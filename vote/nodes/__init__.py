"""What nodes say, and how far each is believed.

fleet       places, sites, who lives, who errs how often (account)
stamps      whether the times that a node writes can be used
picks       detections that may vote, and for how long;  waiting: until they are judged
shaken      what the ground did at each of late
coda        who is still deaf from the earthquake before
site_terms  what the ground under each node does to its displacement
"""
