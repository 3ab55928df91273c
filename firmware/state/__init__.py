"""What a node keeps on its flash from one start to the next: files, settings, counts."""
