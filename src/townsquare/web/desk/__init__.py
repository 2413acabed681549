"""The desk: where those who keep order take cases, look at them, and decide. Every page works without a script."""
