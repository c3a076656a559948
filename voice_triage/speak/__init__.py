"""Speaking: text to sound (`synthesis`), sound to ears (`player`), both together (`speaker`)."""
