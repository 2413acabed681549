"""The settings of one person, a page for each subject."""
