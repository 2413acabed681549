"""The town of the demo: who lives there, what they say, and how it is drawn.

`people.toml` and `posts/*.txt` are written by hand; `script.py` reads them, `faces.py` and `scenes.py` draw, and
`settle.py` does with it what people would do, through the same functions.
"""
