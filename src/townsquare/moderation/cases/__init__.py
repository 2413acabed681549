"""Cases: what is reported gathered into groups, put into an order, and decided by one pair of eyes or several."""
