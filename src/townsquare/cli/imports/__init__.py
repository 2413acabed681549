"""`townsquare import posts`: a corpus of posts, loaded as if its people had written it here."""
