"""What both doors (API and pages) need of HTTP: finding a route, reading parameters, sending an answer."""
