"""How long waves take, how strong they are, and what magnitude that is.

travel         distances on the sphere, P and S travel times in a plain crust
plane, tables  the same for many places at once
hearing        whether a node notices a P wave, and how well it times it
magnitude      from P displacements, then from S velocities
motion_model   peaks from magnitude and distance, and intensity from peaks
"""
