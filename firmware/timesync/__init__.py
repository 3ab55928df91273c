"""Where the node has its time from: time servers, a receiver's pulse, the cold calendar."""
