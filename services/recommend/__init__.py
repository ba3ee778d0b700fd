"""recommend: one micro-intervention for a person now, and why."""
