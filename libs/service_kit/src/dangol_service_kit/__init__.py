"""What every Dangol process needs to start, be trusted, answer, fail and stop."""
