"""The jury: people of the place, drawn by lot, say what they think of a decision that somebody appeals against.

It advises. Somebody of the staff who has not decided before says what is done, and gives a reason where that is not
what the jury said.
"""
