"""The box in which one writes, as home, threads, messages and the page for writing show it."""
