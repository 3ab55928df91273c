"""What a node is told to do: who may ask, and what is done."""
