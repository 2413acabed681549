"""What is there for browsers, robots and other places: files, feeds, the site map, the app."""
