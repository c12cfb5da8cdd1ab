"""What students handed in: folders and archives, whose they are, and the answers in their notebooks."""
