"""The door for people: pages rendered here, usable without a script, and the files that they and apps load.

Each module has a table `PAGES`, and each package puts those of its modules together in `all_pages.py`; a page names its
method, path, handler and who may open it. A handler is `async def show(visitor, given)`. The layout is in `templates/`,
the look in `static/`; Python decides neither.
"""
