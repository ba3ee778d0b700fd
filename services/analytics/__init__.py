"""analytics: who learned, how and for how long; the actual mix per person."""
