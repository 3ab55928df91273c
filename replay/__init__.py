"""Recordings through the whole chain in virtual time, and what that is worth in numbers."""
