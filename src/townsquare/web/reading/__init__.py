"""Pages on which one reads: home, threads, people, tags, what was found, what one was told."""
