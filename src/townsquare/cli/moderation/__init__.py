"""`townsquare moderation …`: a backlog of reports, made of labelled posts and worked through by the desk's own code."""
