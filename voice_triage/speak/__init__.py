"""Speaking: text to sound (`synthesis`, kept by `cache`), sound to ears (`player`), both together
(`speaker`), in the `manner` that the person wants."""
