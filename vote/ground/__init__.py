"""How strongly it will shake, where, and what to do there.

shaking     from the source, and from what is measured;  growing: from peaks that still grow
cells       places for an alert when nobody named any
levels      nothing, be aware, take action
"""
