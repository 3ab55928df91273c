"""The network study: what the vote is worth on thousands of earthquakes that never were."""
