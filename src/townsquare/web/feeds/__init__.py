"""Lists of posts: how they are rendered and kept, and where one reads on."""
