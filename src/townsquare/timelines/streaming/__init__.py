"""Timelines as they happen: what is told, to whom, and how it gets to those who watch (docs/decisions/008).

tell.py      effects that write down what happened (in the background)
hub.py       reads it in each process that has streams open, and hands it to them
audience.py  who of those who watch is concerned
render.py    what they are sent
outlet.py    one open connection
"""
