"""From ground motion, recorded or simulated, to the model on the node."""
