"""How a request of a browser becomes a page: who asks, in which language, with which cookies; what a page is made of.

Below all other packages of this room. It knows no page.
"""
