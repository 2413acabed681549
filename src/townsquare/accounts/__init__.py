"""People, here and elsewhere: their profiles, and who follows, blocks and mutes whom."""
