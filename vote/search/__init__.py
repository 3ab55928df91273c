"""How likely an earthquake is at each place, and the search over places.

evidence    what triggers and silent nodes say, as arrays;  laid: the same on a plane
shape       what amplitudes add: the jump at S, the fall with distance
origin      when it began, were it at a place
voting      the likelihood ratio of each place, time and size
grid        the places that are looked at;  source: coarse to fine, where and when it was
ellipse     where the epicentre lies with 68 %
"""
